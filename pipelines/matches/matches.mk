# matches.mk -- matches of a site, and the maps that each was played on.
#
#	make -f matches.mk run                         against the replica
#	make -f matches.mk run SITE=URL CONTACT=you@…  against a site
#
# Variables: START_OFFSET END_OFFSET MODE (incremental, full, force, archive)
# DATA SITE CONTACT RUN TICKS WORKERS INTERVAL, and REPLICA for more options
# of site-replica.  The tools are found in PATH, or in PREFIX/bin.

matches := $(patsubst %/,%,$(dir $(realpath $(lastword $(MAKEFILE_LIST)))))

SOURCE := matches
CONFIG ?= $(matches)/pipeline.toml
LOOPS  := matches:fetch matches:parse maps:fetch maps:parse \
	maps:fetch_detail maps:parse_detail

START_OFFSET ?= 0
END_OFFSET   ?= 9900
TICKS        ?= 0

# A site elsewhere is asked slowly, and for what its robots.txt allows only.
loopback := $(if $(SITE),$(filter http://127.% http://localhost% \
	http://[::1]%,$(SITE)),yes)
WORKERS  ?= $(if $(loopback),8,2)
INTERVAL ?= $(if $(loopback),0,3000)
POLITE = --interval $(INTERVAL) --max-workers $(WORKERS) \
	$(if $(loopback),,--robots)

DISCOVER ?= $(if $(filter archive,$(MODE)),,page-walk -c "$$CONFIG" \
	-d "$$DATA" -r "$$RUN" --first "$$START_OFFSET" \
	--last "$$END_OFFSET" $(if $(filter full,$(MODE)),--full --again) results)
TAKE_UP = $(if $(filter incremental,$(MODE)),,$(matches)/take-up.sh "$$MODE")
# Pages come from the archive then, and not from the site.
ARCHIVE = $(filter archive,$(MODE))
export START_OFFSET END_OFFSET TICKS ARCHIVE

# Without a site of one's own, a replica stands in for it and goes on at the
# tick it had reached on this DATA.  A site's data is no place for made-up
# data, nor the other way round, unless this machine serves it.
ifeq ($(SITE),)
foreign = $(if $(wildcard $(DATA)/replica.tick),, \
	$(wildcard $(DATA)/ledger.sqlite))
SERVE = $(if $(strip $(foreign)), \
	$(error $(DATA) holds the data of a site: give SITE=URL)) \
	with-lock -w 30000 --name 'a replica' '$(stamps)/replica.lock' \
	site-replica -c '$(matches)/site/site.toml' \
	--tick-file '$(DATA)/replica.tick' $(REPLICA) --
else
export SITE
AGAIN ?= make run PIPELINE=matches SITE=$(SITE)
made_up = $(if $(loopback),,$(wildcard $(DATA)/replica.tick))
SERVE = $(if $(made_up),$(error $(DATA) holds the data of a replica: give \
	another DATA=DIR))$(if $(loopback)$(CONTACT),,$(error \
	$(SITE): say who asks: CONTACT=you@example.org))
endif
AGAIN ?= make run PIPELINE=matches
# What begins with a slash is there.
export BASE = $(SITE)
export POLITE

all: run
include $(matches)/../queue.mk

run:                             ## the main job, and where things are
ifeq ($(SITE),)
	@$(tied) $(SERVE) $(matches)/replica-run.sh
else
	@$(run) refresh; status=$$?; $(matches)/where.sh; exit $$status
endif

ifneq ($(dry),)
run: refresh
endif

.PHONY: all run
