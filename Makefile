# One make, no recursion.  "make help" lists the targets.
#
#   tools/TOOL.c, tools/TOOL/*.c, tools/TOOL.cc  ->  build/bin/TOOL
#   lib/*/*.c                                    ->  build/libsluice.a
#   tests/unit/*.c                               ->  build/unit/*
#   tests/*.t, man/TOOL.1                        one each per tool

.SUFFIXES:
.DELETE_ON_ERROR:
MAKEFLAGS += -rR
SHELL := /bin/bash

# -R empties these; what the caller or the environment says still counts.
ifneq ($(filter default undefined,$(origin CC)),)
CC := cc
endif
ifneq ($(filter default undefined,$(origin CXX)),)
CXX := c++
endif
ifneq ($(filter default undefined,$(origin AR)),)
AR := ar
endif

PREFIX ?= /usr/local
BUILD  ?= build
CFLAGS ?= -O2 -g
CXXFLAGS ?= -O1 -g

# The one list of what we stand on: Debian package and pkg-config module.
# yyjson is packaged from Debian 13 on; deps.sh brings it to Debian 12.
DEB_BUILD := pkg-config libyyjson-dev libsqlite3-dev zlib1g-dev libssl-dev \
	libcurl4-openssl-dev libmicrohttpd-dev libxxhash-dev \
	libtomlplusplus-dev g++ jq curl
DEB_CHECK := mandoc shellcheck sqlite3 strace valgrind perl
MODULES   := yyjson sqlite3 zlib libcrypto libcurl libmicrohttpd libxxhash

WARN    = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes \
	  -Wmissing-prototypes -Wold-style-definition -Wpointer-arith \
	  -Wwrite-strings -Wcast-qual -Wformat=2 -Wundef -Wvla
CXXWARN = -Wall -Wextra -Wshadow
ifdef DEV
WARN    += -Werror
CXXWARN += -Werror
endif
STD     = -std=c17 -D_XOPEN_SOURCE=700 -D_DEFAULT_SOURCE
INC     = -iquote lib
COMPILE = $(CC) $(STD) $(WARN) $(CPPFLAGS) $(INC) $(CFLAGS)
COMPILE_CXX = $(CXX) -std=c++17 $(CXXWARN) $(CPPFLAGS) $(CXXFLAGS)
# Only what a program uses is linked, so that tools without HTTP start fast.
LINK    = $(CC) $(CFLAGS) -Wl,--as-needed $(LDFLAGS)
LDLIBS ?= -lyyjson -lsqlite3 -lz -lcrypto -lcurl -lmicrohttpd -lxxhash -lm

LIB   := $(patsubst %.c,$(BUILD)/%.o,$(wildcard lib/*/*.c))
ONE   := $(patsubst tools/%.c,%,$(wildcard tools/*.c))
MANY  := $(patsubst tools/%/,%,$(sort $(dir $(wildcard tools/*/*.c))))
CXXS  := $(patsubst tools/%.cc,%,$(wildcard tools/*.cc))
TOOLS := $(sort $(ONE) $(MANY) $(CXXS))
BIN   := $(TOOLS:%=$(BUILD)/bin/%)
UNIT  := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/*.c))
TESTS := $(wildcard tests/*.t)
MAN   := $(wildcard man/*.[1-8])

all: $(BIN)                      ## build every tool into build/bin

$(ONE:%=$(BUILD)/bin/%): $(BUILD)/bin/%: $(BUILD)/tools/%.o $(BUILD)/libsluice.a
	@mkdir -p $(@D)
	@echo '  LD  $@'
	@$(LINK) -o $@ $(filter %.o %.a,$^) $(LDLIBS)

define many_rule
$(BUILD)/bin/$(1): $(patsubst %.c,$(BUILD)/%.o,$(wildcard tools/$(1)/*.c)) \
    $(BUILD)/libsluice.a
	@mkdir -p $$(@D)
	@echo '  LD  $$@'
	@$$(LINK) -o $$@ $$(filter %.o %.a,$$^) $$(LDLIBS)
endef
$(foreach t,$(MANY),$(eval $(call many_rule,$(t))))

$(CXXS:%=$(BUILD)/bin/%): $(BUILD)/bin/%: tools/%.cc $(BUILD)/flags
	@mkdir -p $(@D)
	@echo '  CXX $@'
	@$(COMPILE_CXX) -MMD -MP -MF $@.d $(LDFLAGS) -o $@ $(filter %.cc,$^)

$(UNIT): $(BUILD)/unit/%: tests/unit/%.c $(BUILD)/libsluice.a
	@mkdir -p $(@D)
	@echo '  CC  $@'
	@$(COMPILE) -MMD -MP -MF $@.d -Wl,--as-needed $(LDFLAGS) -o $@ \
	    $(filter %.c %.a,$^) $(LDLIBS)

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	@echo '  CC  $@'
	@$(COMPILE) -MMD -MP -c -o $@ $<

$(BUILD)/libsluice.a: $(LIB)
	@rm -f $@
	@$(AR) rcs $@ $^

# Changes only when the compile command does, so objects follow the flags.
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(COMPILE) $(COMPILE_CXX) $(LDFLAGS)' | cmp -s - $@ || \
	    echo '$(COMPILE) $(COMPILE_CXX) $(LDFLAGS)' > $@

check: check-tests check-headers check-layers check-man   ## run every test
check-tests: $(BIN) $(UNIT)
	PATH="$(abspath $(BUILD))/bin:$$PATH" prove -Q -e '$(WRAP)' $(UNIT)
	PATH="$(abspath $(BUILD))/bin:$$PATH" prove -Q -j4 -e sh $(TESTS)

check-headers:                   ## every header compiles on its own
	@for h in lib/*/*.h; do \
	    $(CC) $(STD) $(WARN) -Werror $(INC) -fsyntax-only -include $$h \
	        -x c - <<<'typedef int unit;' || exit 1; done

check-layers:                    ## a file includes only its layer and below
	@sh tests/layers.sh

check-man:                       ## lint the manual
	@if command -v mandoc >/dev/null; then \
	    mandoc -T lint -W warning $(MAN); \
	else echo 'check-man: SKIPPED, no mandoc'; fi

# The pipelines, by their own makefiles: make run PIPELINE=soc SOC=URL …
PIPELINE ?= soc
run refresh plan fetch stage promote ready summary: all   ## run the PIPELINE
	@PATH="$(abspath $(BUILD))/bin:$$PATH" $(MAKE) --no-print-directory \
	    -f pipelines/$(PIPELINE)/$(PIPELINE).mk $@

clean:                           ## remove build/
	rm -rf build

help:                            ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' Makefile

FORCE:
.PHONY: all check check-tests check-headers check-layers check-man clean \
	help run refresh plan fetch stage promote ready summary FORCE

-include $(LIB:.o=.d) $(wildcard $(BUILD)/tools/*.d $(BUILD)/tools/*/*.d \
	$(BUILD)/bin/*.d) $(UNIT:=.d)
