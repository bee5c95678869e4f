# ads.mk -- daily numbers of advertising accounts: customer x day.
#
#	make -f ads.mk run                       against the stand-in
#	make -f ads.mk run ADS=URL SECRETS=DIR CUSTOMERS=ID,… CONTACT=you@…
#
# Variables: CUSTOMERS DAYS or SINCE, UNTIL QUERIES MODE DATA ADS SECRETS
# CONTACT RUN TICKS WORKERS INTERVAL JOBS INLINE_BLOB, DATASET with ACCEPT or
# REJECT (and PART) or VERSION to roll back, and REPLICA for more options of
# site-replica.  The tools are found in PATH, or in PREFIX/bin.

ads := $(patsubst %/,%,$(dir $(realpath $(lastword $(MAKEFILE_LIST)))))

SOURCE       := ads
CONFIG       ?= $(ads)/pipeline.toml
DATASET_GLOB := */*

# Days are those of UTC; today's numbers would be half a day's.
DAYS  ?= 2
UNTIL ?= $(shell date -u -d yesterday +%F)
SINCE ?= $(shell date -u -d '$(UNTIL) $(DAYS) days ago 1 day' +%F)
TICKS ?= 0

loopback := $(if $(ADS),$(filter http://127.% http://localhost% \
	http://[::1]%,$(ADS)),yes)
WORKERS  ?= 4
INTERVAL ?= $(if $(loopback),0,100)

PLAN = part-plan -c "$$CONFIG" -d "$$DATA" -r "$$RUN" --base "$$ADS" \
	--mode "$$MODE" $$(printf 'customer_id=%s ' $${CUSTOMERS//,/ }) \
	$${QUERIES:+$$(printf 'query_name=%s ' $${QUERIES//,/ })} \
	"logical_date=$$SINCE..$$UNTIL"
WORDS := CUSTOMERS QUERIES SINCE UNTIL MODE
FETCH = setpriv --pdeathsig TERM url-fetch -q -d "$$DATA" \
	--secrets "$$SECRETS" --max-workers "$$WORKERS" --interval "$$INTERVAL"
export QUERIES SINCE UNTIL WORKERS INTERVAL TICKS

# Without an API, a stand-in with made-up accounts goes on at the tick it had
# reached on this DATA.  An API's data is no place for made-up data, nor the
# other way round, unless this machine serves it.
ifeq ($(ADS),)
CUSTOMERS ?= 1234567890,9876543210
foreign = $(if $(wildcard $(DATA)/replica.tick),, \
	$(wildcard $(DATA)/ledger.sqlite))
SERVE = $(if $(strip $(foreign)), \
	$(error $(DATA) holds the data of an API: give ADS=URL)) \
	with-lock -w 30000 --name 'a replica' '$(stamps)/replica.lock' \
	site-replica -c '$(ads)/site/site.toml' \
	--tick-file '$(DATA)/replica.tick' $(REPLICA) -- $(ads)/stand-in.sh
else
export ADS SECRETS
AGAIN ?= make run PIPELINE=ads ADS=$(ADS)
made_up = $(if $(loopback),,$(wildcard $(DATA)/replica.tick))
SERVE = $(if $(made_up),$(error $(DATA) holds the data of a replica: give \
	another DATA=DIR))$(if $(CUSTOMERS),,$(error which accounts? \
	CUSTOMERS=1234567890,…))$(if $(SECRETS),,$(error $(ADS): SECRETS=DIR \
	with client.json, developer-token and login-customer-id))
endif
AGAIN ?= make run PIPELINE=ads
export CUSTOMERS

all: run
include $(ads)/../pipeline.mk

run:                             ## the main job, and where things are
ifeq ($(ADS),)
	@$(tied) $(SERVE) $(ads)/replica-run.sh
else
	@$(run) refresh; status=$$?; $(ads)/where.sh; exit $$status
endif

ifneq ($(dry),)
run: refresh
endif

.PHONY: all run
