/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For kmod/netlink-gen.h, which asks for it; see netlink.h. */
