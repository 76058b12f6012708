/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KSRTP_DOCTOR_H
#define KSRTP_DOCTOR_H

#include "tool.h"

/* Stands before /proc, /sys and /lib/modules; "" but in tests */
extern const char *doctor_root;

#endif /* KSRTP_DOCTOR_H */
