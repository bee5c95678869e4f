# shops.mk -- a small pipeline of items of somebody's own, for flow-items.t.
SOURCE   := shops
CONFIG   := $(dir $(realpath $(lastword $(MAKEFILE_LIST))))pipeline.toml
LOOPS    := shops:fetch shops:parse
DISCOVER := page-walk -c "$$CONFIG" -d "$$DATA" -r "$$RUN" list
export BASE = $(SITE)

all: refresh
include $(PIPELINES)/queue.mk
