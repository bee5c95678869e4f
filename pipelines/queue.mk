# queue.mk -- what pipelines of items share: a run is discovery, loops, what
# readers get, a summary.
#
#	discover ──► items that wait        one walk over a listing
#	items ──► step ──► step ──► rows    one loop per queue and step, in order
#	rows ──► report ──► snapshot        of all of them, if they are ready
#
# A pipeline's NAME.mk sets SOURCE, CONFIG, DISCOVER (a command that reads
# DATA, RUN, … from the environment, or nothing), LOOPS (QUEUE:STEP, in
# order), TAKE_UP (a command that puts known items where they are due again,
# or nothing), and includes this.  Nothing here is a stamp: what is to be done
# is what the queue says, and running again is the only recovery there is.

include $(dir $(realpath $(lastword $(MAKEFILE_LIST))))run.mk

# One run of a source at a time; SERVE may put a server in front.
alone = with-lock -w 5000 '$(stamps)/lock' $(here)/items.sh
run   = $(tied) $(SERVE) $(alone)

export DATA SOURCE CONFIG MODE DISCOVER LOOPS TAKE_UP AGAIN

refresh:                         ## discover, work, publish, summary: one run
	@$(run) refresh

discover:                        ## look for items at the source
	@$(run) discover

work:                            ## do what is due
	@$(run) work

publish:                         ## readers get it, if it is ready
	@$(run) publish

serve:                           ## the read API; PORT=… (8080)
	@exec $(serve)

summary:                         ## what the last run did
	@run-progress --summary -d '$(DATA)' \
	    -r '$(or $(CONTINUE),$(file <$(stamps)/run))' --again "$$AGAIN"

.PHONY: refresh discover work publish serve summary
