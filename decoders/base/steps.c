// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/base/steps.h"

#ifdef SEKISHO_COUNT_STEPS
_Thread_local uint64_t work_steps;
#endif
