/* SPDX-License-Identifier: GPL-2.0-or-later */
/* By the name the kernel's sources have for it */
#include <linux/ksrtp.h>
