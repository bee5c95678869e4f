# soc.mk -- the Schedule of Classes: term x campus.
#
#	make -f soc.mk run                         against the loopback replica
#	make -f soc.mk run SOC=URL CONTACT=you@…   against an API
#
# Variables: TERMS CAMPUSES MODE DATA SOC CAPTURES RUN TICKS WORKERS INTERVAL
# CONTACT JOBS INLINE_BLOB, DATASET with ACCEPT or REJECT (and PART) or VERSION to roll back,
# and REPLICA for more options of soc-replica.  The tools are found in PATH, or
# in PREFIX/bin.

soc := $(patsubst %/,%,$(dir $(realpath $(lastword $(MAKEFILE_LIST)))))

SOURCE       := soc
CONFIG       ?= $(soc)/pipeline.toml
DATASET_GLOB := */*

TERMS    ?= 20261
CAMPUSES ?= NB,NK
WORKERS  ?= 3
INTERVAL ?= 600
TICKS    ?= 0

PLAN  = soc-plan -c "$$CONFIG" -d "$$DATA" -r "$$RUN" --base "$$SOC" \
	--terms "$$TERMS" --campuses "$$CAMPUSES" --mode "$$MODE" \
	$${RESUME:+--resume-run "$$RESUME"}
WORDS := TERMS CAMPUSES MODE
FETCH = setpriv --pdeathsig TERM soc-fetch -q -d "$$DATA" \
	--max-workers "$$WORKERS" --interval "$$INTERVAL"
export TERMS CAMPUSES WORKERS INTERVAL TICKS CAPTURES

# Without an API of one's own, a replica stands in for it and goes on at the
# tick it had reached on this DATA.
# One replica at a time: two of them would move one tick file.  What an API
# has filled is no place for made-up data.
ifeq ($(SOC),)
foreign = $(if $(wildcard $(DATA)/replica.tick),, \
	$(wildcard $(DATA)/ledger.sqlite))
SERVE = $(if $(strip $(foreign)), \
	$(error $(DATA) holds the data of an API: give SOC=URL)) \
	with-lock -w 30000 --name 'a replica' '$(stamps)/replica.lock' \
	soc-replica --tick-file '$(DATA)/replica.tick' \
	$(if $(CAPTURES),--captures '$(CAPTURES)') $(REPLICA) --
else
export SOC
AGAIN ?= make run SOC=$(SOC)
# Nor does an API's go where a replica's is, unless this machine serves it.
loopback = $(filter http://127.% http://localhost% http://[::1]%,$(SOC))
made_up = $(if $(loopback),,$(wildcard $(DATA)/replica.tick))
SERVE = $(if $(made_up),$(error $(DATA) holds the data of a replica: give \
	another DATA=DIR))
endif

all: run
include $(soc)/../pipeline.mk

run:                             ## the main job, and where things are
ifeq ($(SOC),)
	@$(tied) $(SERVE) $(soc)/replica-run.sh
else
	@$(run) refresh; status=$$?; $(soc)/where.sh; exit $$status
endif

ifneq ($(dry),)
run: refresh
endif

.PHONY: all run
