// SPDX-License-Identifier: GPL-3.0-or-later
// Fields of RFB (VNC).
//
// Threads      const tables
#pragma once
#include "signatures/field/declare.h"

#define RFB_BUFFERS(X) X(field_rfb_name)
#define RFB_NUMBERS(X)       \
	X(field_rfb_sectype) \
	X(field_rfb_secresult)

RFB_BUFFERS(FIELD_DECLARE_BUFFER)
RFB_NUMBERS(FIELD_DECLARE_NUMBER)
