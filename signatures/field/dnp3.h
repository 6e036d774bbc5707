// SPDX-License-Identifier: GPL-3.0-or-later
// Fields of DNP3.
//
// Threads      const tables
#pragma once
#include "signatures/field/declare.h"

#define DNP3_BUFFERS(X) X(field_dnp3_data)
#define DNP3_NUMBERS(X)    \
	X(field_dnp3_func) \
	X(field_dnp3_ind)
#define DNP3_TESTS(X) X(field_dnp3_obj)

DNP3_BUFFERS(FIELD_DECLARE_BUFFER)
DNP3_NUMBERS(FIELD_DECLARE_NUMBER)
DNP3_TESTS(FIELD_DECLARE_TEST)
