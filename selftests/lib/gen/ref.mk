# SPDX-License-Identifier: GPL-2.0-or-later
#
# What vecs.c and the units of refsrtp need beyond the general rules. Included by
# the top Makefile, whose ST and S are the folders of plain and sanitized objects.

# The table of known answers, which selftests/lib/vecs.c includes.

VECTORS		?= vectors
VECS_TABLE	:= $(ST)/gen/vecs-table.h

export VECTORS

# Asked each time, written where it differs: which files there are changes too.
$(VECS_TABLE): FORCE
	$(Q)mkdir -p $(@D)
	$(Q)python3 selftests/lib/gen/vecs.py --if-other -o $@ $(wildcard $(VECTORS)/*.json)

$(ST)/obj/selftests/lib/vecs.o $(S)/selftests/lib/vecs.o: $(VECS_TABLE)
$(ST)/obj/selftests/lib/vecs.o $(S)/selftests/lib/vecs.o: CPPFLAGS += -I$(ST)/gen

# Named before the objects that use it, so it must not be dropped as unneeded.
$(ST)/unit/ref_libsrtp: override LDFLAGS += -Wl,--no-as-needed -lsrtp2
