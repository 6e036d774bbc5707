// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/field/pgsql.h"
#include "decoders/app/pgsql/pgsql.h"

// The text of a simple query, or of a statement that is prepared.
static bool get_query(const struct field_source *source, unsigned index, struct field_value *value)
{
	const struct kept *kept = pgsql_tx_of(source->tx)->requests.first;
	if (index || !kept || (kept->kind != PGSQL_QUERY && kept->kind != PGSQL_PARSE))
		return false;
	struct span rest = kept_span(kept);
	if (kept->kind == PGSQL_PARSE)
		pgsql_text(&rest);
	*value = (struct field_value) { .data = pgsql_text(&rest), .first = true, .last = true };
	return true;
}

FIELD_BUFFER(
	field_pgsql_query, APP_PGSQL, "pgsql.query", NULL, "pgsql query", 0, { APP_PGSQL, TO_SERVER, 1, get_query });
