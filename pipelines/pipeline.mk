# pipeline.mk -- the graph that every pipeline shares.
#
#	plan ──► fetch ──► pointer files          one polite process
#	pointer ──► stage ──► promote ──► ready   one chain per dataset, under -j
#	ready ──► snapshot ──► publish            of what is ready, for readers
#
# A pipeline's NAME.mk sets SOURCE, CONFIG, DATASET_GLOB (how deep a dataset's
# folder lies), PLAN and FETCH (commands that read DATA, RUN, … from the
# environment), WORDS (which variables PLAN's tasks follow from), and includes
# this.  The targets are stamps under DATA/.make,
# touched last; a store is never a target, since make deletes a changed target
# when its recipe fails.  A missing or older stamp is the only pending state:
# -n plans, -q asks, running again resumes.
#
# fetch always runs when asked, and ends by touching only the pointer files of
# partitions whose content changed; build is the graph below those pointers.

.SECONDEXPANSION:
include $(dir $(realpath $(lastword $(MAKEFILE_LIST))))run.mk

ptr    := $(DATA)/ptr/$(SOURCE)

# The build belongs to the run that was begun last.
now_run   = $(or $(CONTINUE),$(file <$(stamps)/run))

datasets := $(patsubst $(ptr)/%,%,$(wildcard $(ptr)/$(DATASET_GLOB)))
STAGED   := $(datasets:%=$(stamps)/%.stage)
PROMOTED := $(datasets:%=$(stamps)/%.promote)
READY    := $(datasets:%=$(stamps)/%.ready)
SNAPSHOT := $(stamps)/snapshot

# Stages made by hand belong to the run's log too.
log   = SLUICE_LOG='$(DATA)/logs/$(now_run).jsonl'
tool  = $(log) $(tied) $(1) -c '$(CONFIG)' -d '$(DATA)' -r '$(now_run)'
# One refresh of a source at a time; SERVE may put a server in front.
alone = with-lock -w 5000 '$(stamps)/lock' $(here)/refresh.sh
run   = $(tied) $(SERVE) $(alone)

# A stamp appears last, with the time at which its recipe began: what was
# touched meanwhile is newer.
begin = @mkdir -p $(@D) && touch $@.begun
done  = @mv $@.begun $@

export DATA SOURCE CONFIG MODE JOBS PLAN FETCH WORDS ACCEPT REJECT PART AGAIN
export INLINE_BLOB

# A person's word is about one dataset, as it was offered: what a fetch may
# bring, nobody has looked at yet.
ifneq ($(ACCEPT)$(REJECT),)
ifneq ($(words $(DATASET)),1)
$(error ACCEPT, REJECT: of which dataset?  DATASET=…)
endif
ifeq ($(filter promote ready build rollback,$(MAKECMDGOALS)),)
$(error ACCEPT, REJECT: what was offered, by make promote)
endif
endif
said = $(if $(filter $*,$(DATASET)),$${ACCEPT:+--accept "$$ACCEPT"} \
	$${REJECT:+--reject "$$REJECT"} $${PART:+--part "$$PART"})

# What fetch adds is seen by the next make only: several steps are a make
# each, in order.
steps := $(filter plan fetch refresh stage promote ready build snapshot \
	publish summary prune rebuild rollback, $(MAKECMDGOALS))
ifneq ($(word 2,$(steps)),)
.NOTPARALLEL:
$(steps):
	@$(MAKE) --no-print-directory -f $(PIPELINE_MK) $@
else

refresh:                         ## fetch, build, summary: one run
	@$(run) refresh

plan:                            ## the tasks that the next fetch takes
	@$(run) plan

fetch:                           ## ask the source; touch what changed
	@$(run) fetch

serve:                           ## the read API; PORT=… (8080)
	@exec $(serve)

summary:                         ## what the last run did
	@run-progress --summary -d '$(DATA)' -r '$(now_run)' --again "$$AGAIN"

prune:                           ## what retention lets go; part of refresh
	@$(tied) $(alone) prune

rebuild:                         ## the database again, from the raw store
	@$(tied) $(alone) rebuild

rollback:                        ## VERSION=… again for DATASET=…
	@$(tied) $(alone) rollback

stage: $(STAGED)                 ## payloads -> staging databases
promote: $(PROMOTED)             ## staging -> canonical, gated
ready: $(READY)                  ## canonical -> ready reports
build: ready
snapshot: $(SNAPSHOT)            ## versions that are ready -> a snapshot

$(STAGED): $(stamps)/%.stage: $$(wildcard $(ptr)/$$*/*) $(CONFIG)
	$(begin)
	@$(call tool,stage-normalize) '$*'
	$(done)

# What the gate holds has no stamp, so that it is offered again each time; what
# of it could pass is for readers all the same.
$(PROMOTED): $(stamps)/%.promote: $(stamps)/%.stage
	$(begin)
	@$(call tool,diff-promote) $(said) '$*' >/dev/null || { no=$$?; \
	    [ $$no -ne 1 ] || $(call tool,ready-report) --missing '$*'; \
	    exit $$no; }
	$(done)

$(READY): $(stamps)/%.ready: $(stamps)/%.promote
	$(begin)
	@$(call tool,ready-report) '$*'
	$(done)

# A dataset that is held or not ready keeps its rows, and nobody waits for it:
# the snapshot follows whatever stamps there are, and makes none of them.
ifneq ($(filter snapshot publish,$(MAKECMDGOALS)),)
newer := $(shell find '$(stamps)' \( -name '*.promote' -o -name '*.ready' \) \
	-newer '$(SNAPSHOT)' -print -quit 2>&1)
endif
$(SNAPSHOT): $(CONFIG) $(if $(newer),FORCE)
	$(begin)
	@$(call tool,snap-build) >/dev/null
	$(done)

publish: $(SNAPSHOT)             ## readers get it, and know since when it holds
	@$(call tool,snap-publish -q) >/dev/null

ifneq ($(dry),)
refresh: fetch build publish
endif
endif

.PHONY: refresh plan fetch serve summary prune rebuild rollback stage \
	promote ready build snapshot publish FORCE
