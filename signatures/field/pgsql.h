// SPDX-License-Identifier: GPL-3.0-or-later
// Fields of PostgreSQL.
//
// Threads      const tables
#pragma once
#include "signatures/field/declare.h"

#define PGSQL_BUFFERS(X) X(field_pgsql_query)

PGSQL_BUFFERS(FIELD_DECLARE_BUFFER)
