// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/field/pgsql.h"

FIELD_BUFFER(field_pgsql_query, APP_PGSQL, "pgsql.query", NULL, "pgsql query", 0, FIELD_WAITING);
