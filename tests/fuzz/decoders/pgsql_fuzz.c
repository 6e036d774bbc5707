// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a PostgreSQL session.
#include "decoders/app/pgsql/pgsql.h"
#include "tests/support/decoders/app_drive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(const struct flow *flow, const struct app_tx *tx)
{
	(void)flow;
	for (const struct kept *kept = pgsql_tx_of(tx)->responses.first; kept; kept = kept->next)
		for (struct span rest = kept_span(kept); rest.len;)
			pgsql_text(&rest);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return app_drive_fuzz(&pgsql_parser, data, size, read_all);
}
