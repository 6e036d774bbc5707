// SPDX-License-Identifier: GPL-3.0-or-later
// Fields of QUIC.
//
// Threads      const tables
#pragma once
#include "signatures/field/declare.h"

#define QUIC_BUFFERS(X)        \
	X(field_quic_version)  \
	X(field_quic_sni)      \
	X(field_quic_ua)       \
	X(field_quic_cyu_hash) \
	X(field_quic_cyu_string)

QUIC_BUFFERS(FIELD_DECLARE_BUFFER)
