// SPDX-License-Identifier: GPL-3.0-or-later
// Fields of the example keywords that the language has: template.buffer of the example protocol, template2 of the packet.
//
// Threads      const tables
#pragma once
#include "signatures/field/declare.h"

#define TEMPLATE_BUFFERS(X) X(field_template_buffer)
#define TEMPLATE_NUMBERS(X) X(field_template2)

TEMPLATE_BUFFERS(FIELD_DECLARE_BUFFER)
TEMPLATE_NUMBERS(FIELD_DECLARE_NUMBER)
