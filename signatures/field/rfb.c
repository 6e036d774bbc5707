// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/field/rfb.h"
#include "decoders/app/rfb/rfb.h"

static const struct field_name result_names[] = {
	{ "ok", 0 },
	{ "fail", 1 },
	{ "toomany", 2 },
	{ "unknown", 3 },
	{ NULL, 0 },
};

static bool get_security(const struct field_source *source, unsigned index, uint64_t *value)
{
	const struct rfb_tx *tx = rfb_tx_of(source->tx);
	*value = tx->security;
	return index == 0 && tx->has_security;
}

static bool get_result(const struct field_source *source, unsigned index, uint64_t *value)
{
	const struct rfb_tx *tx = rfb_tx_of(source->tx);
	*value = tx->result < 3 ? tx->result : 3;
	return index == 0 && tx->has_result;
}

static bool get_name(const struct field_source *source, unsigned index, struct field_value *value)
{
	const struct rfb_tx *tx = rfb_tx_of(source->tx);
	*value = (struct field_value) { .data = span_of(tx->name.bytes, tx->name.len), .first = true, .last = true };
	return index == 0 && tx->has_screen;
}

FIELD_NUMBER(field_rfb_sectype, APP_RFB, "rfb.sectype", NULL, 32, 0, NULL, { APP_RFB, TO_SERVER, 1, get_security });
FIELD_NUMBER(field_rfb_secresult, APP_RFB, "rfb.secresult", NULL, 32, 0, result_names,
	{ APP_RFB, TO_CLIENT, 1, get_result });
FIELD_BUFFER(field_rfb_name, APP_RFB, "rfb.name", NULL, "rfb desktop name", 0, { APP_RFB, TO_CLIENT, 1, get_name });
