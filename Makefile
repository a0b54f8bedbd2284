# SPDX-License-Identifier: MIT
# Nacre's one build. `make help` lists the targets and variables.

CC      ?= cc
AR      ?= ar
PREFIX  ?= /usr/local
DESTDIR ?=
OPT     ?= -O2 -g

# Each variant builds in a folder of its own.
variant := $(if $(SAN),san)$(if $(COV),cov)
B       := build$(if $(variant),/$(variant))

sanitizers := -fsanitize=address,undefined
WARN    := -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Werror
CFLAGS_ := -std=c11 $(OPT) $(WARN) -fno-common -fstack-protector-strong -I. \
           $(if $(SAN),$(sanitizers) -fno-sanitize-recover=all -fno-omit-frame-pointer) \
           $(if $(COV),--coverage) $(CFLAGS)
LDFLAGS_ := $(if $(SAN),$(sanitizers)) $(if $(COV),--coverage) $(LDFLAGS)

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:

# ---------------------------------------------------------------- packages
# need,PROBE-HEADER,DEBIAN-PACKAGE: one clear line instead of a compiler error.
need = $(if $(shell printf '\#include <$(1)>\n' | $(CC) $(CPPFLAGS) -E -x c - >/dev/null 2>&1 && echo ok),,\
       $(error $(1) not found: install $(2) (Debian, Ubuntu) or run tools/bootstrap))
ifeq ($(filter help clean,$(MAKECMDGOALS)),)
$(call need,nettle/nettle-meta.h,nettle-dev)
$(call need,gmp.h,libgmp-dev)
endif
ifneq ($(filter check check-% build-tests,$(MAKECMDGOALS)),)
$(call need,criterion/criterion.h,libcriterion-dev)
endif

# ---------------------------------------------------------------- libraries
LIBS := wire crypt kex auth chan
# What each library stands on, itself first: the link order.
below_wire  := wire
below_crypt := crypt wire
below_kex   := kex crypt wire
below_auth  := auth kex crypt wire
below_chan  := chan auth kex crypt wire
syslibs_wire := -lgmp
syslibs_crypt := -lhogweed -lnettle -lgmp
syslibs_kex   := $(syslibs_crypt)
syslibs_auth  := $(syslibs_crypt)
syslibs_chan  := $(syslibs_crypt) -lpthread

archive = $(B)/libnacre-$(1).a
link_of = $(foreach l,$(below_$(1)),$(call archive,$(l))) $(syslibs_$(1))

define library
src_$(1) := $$(wildcard lib$(1)/*.c)
obj_$(1) := $$(src_$(1):%.c=$(B)/%.o)
$(B)/libnacre-$(1).a: $$(obj_$(1))
	@echo "  AR      $$@"
	@rm -f $$@
	@$(AR) rcs $$@ $$^
all_obj += $$(obj_$(1))
endef
$(foreach l,$(LIBS),$(eval $(call library,$(l))))

$(B)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC      $<"
	@$(CC) $(CFLAGS_) -MMD -MP -c -o $@ $<

.PHONY: all lib tools check demo bench docs install uninstall clean help
all: lib tools
lib: $(foreach l,$(LIBS),$(if $(src_$(l)),$(call archive,$(l))))

# ---------------------------------------------------------------- tools
# A tool is tools/nacre-NAME.c; the other sources in tools/ are shared among them.
tool_src    := $(wildcard tools/nacre-*.c)
tool_shared := $(filter-out $(tool_src),$(wildcard tools/*.c))
TOOLS       := $(tool_src:tools/%.c=$(B)/%)
shared_obj  := $(tool_shared:%.c=$(B)/%.o)
all_obj     += $(shared_obj) $(tool_src:%.c=$(B)/%.o)
tools: $(TOOLS)
$(TOOLS): $(B)/nacre-%: $(B)/tools/nacre-%.o $(shared_obj) lib
	@echo "  LINK    $@"
	@$(CC) $(LDFLAGS_) -o $@ $(filter %.o,$^) $(call link_of,chan)

# ---------------------------------------------------------------- unit tests
support_src := $(wildcard tests/support/*.c)
support_obj := $(support_src:%.c=$(B)/%.o)
define unit
test_src_$(1) := $$(wildcard tests/lib$(1)/*.c)
test_obj_$(1) := $$(test_src_$(1):%.c=$(B)/%.o)
all_obj += $$(test_obj_$(1))
$(B)/test-$(1): $$(test_obj_$(1)) $$(support_obj) $$(foreach l,$$(below_$(1)),$$(call archive,$$(l)))
	@echo "  LINK    $$@"
	@$(CC) $(LDFLAGS_) $$(alloc_wrap) -o $$@ $$(filter %.o,$$^) $$(call link_of,$(1)) -lcriterion
unit_tests += $$(if $$(test_src_$(1)),$(B)/test-$(1))
.PHONY: check-$(1)
check-$(1): $(B)/test-$(1)
	$(B)/test-$(1)
endef
$(foreach l,$(LIBS),$(eval $(call unit,$(l))))
all_obj += $(support_obj)

.PHONY: build-tests
build-tests: $(unit_tests)
check: $(unit_tests)
	@set -e; for t in $(unit_tests); do echo "== $$t"; $$t; done

clean:
	rm -rf build

help:
	@echo "targets: all lib tools check demo bench docs install uninstall clean"

-include $(all_obj:.o=.d)
