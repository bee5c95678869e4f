# run.mk -- what the graphs of all pipelines share; include it first.

.SUFFIXES:
MAKEFLAGS += -rR
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c

DATA ?= data
MODE ?= incremental
JOBS ?= 2
# What a person types to continue a run; NAME.mk may know better.
AGAIN ?= make run

# make cannot have these in the name of a target, nor the shell in quotes.
no  := ' " : = ; % * ? [ $$
odd := $(strip $(foreach c,$(no),$(findstring $c,$(DATA))))
ifneq ($(words $(DATA))$(odd),1)
$(error DATA=$(DATA): name a folder, without blanks and $(no))
endif

here   := $(patsubst %/,%,$(dir $(realpath $(lastword $(MAKEFILE_LIST)))))
stamps := $(DATA)/.make/$(SOURCE)

# Installed, the programs are in PREFIX/bin, whether PATH says so or not.
installed := $(wildcard $(here)/../../../bin/run-new)
ifneq ($(installed),)
export PATH := $(PATH):$(abspath $(dir $(installed)))
endif

# A program is told when the one that started it dies: nothing stays behind.
tied := setpriv --pdeathsig TERM

# What `make serve` runs, until it is interrupted.
serve = snap-serve -c '$(CONFIG)' -d '$(DATA)' $(if $(PORT),--port '$(PORT)')

# make -n shows the whole plan, and starts nothing.
dry := $(findstring n,$(filter-out --%,$(firstword -$(MAKEFLAGS))))

# What is given continues a run.
CONTINUE := $(RUN)
export RUN := $(CONTINUE)
export PIPELINE_MK := $(abspath $(firstword $(MAKEFILE_LIST)))
