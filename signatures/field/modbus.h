// SPDX-License-Identifier: GPL-3.0-or-later
// Fields of Modbus.
//
// Threads      const tables
#pragma once
#include "signatures/field/declare.h"

#define MODBUS_TESTS(X) X(field_modbus)

MODBUS_TESTS(FIELD_DECLARE_TEST)
