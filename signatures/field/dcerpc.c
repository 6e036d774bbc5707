// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/field/dcerpc.h"
#include "decoders/app/dcerpc/dcerpc.h"
#include "decoders/app/smb/smb.h"
#include "decoders/base/hex.h"
#include "signatures/field/argument.h"

#define UUID_TEXT_BYTES 36
#define OPNUM_RANGES    60

// NULL: the transaction is no call (other commands of SMB).
static const struct dcerpc_call *call_of(const struct field_source *source)
{
	if (source->flow->app.proto == APP_DCERPC)
		return &dcerpc_tx_of(source->tx)->call;
	const struct smb_tx *tx = smb_tx_of(source->tx);
	return tx->kind == SMB_RPC ? &tx->call : NULL;
}

static const struct dcerpc_call *request_of(const struct field_source *source)
{
	const struct dcerpc_call *call = call_of(source);
	return call && call->has_request && call->request == DCERPC_REQUEST ? call : NULL;
}

// dcerpc.iface: UUID[, [<>=!]VERSION][, any_frag] -----------------------------------------------------------------------------------

struct interface_test {
	uint8_t uuid[16];
	bool has_version;
	struct argument_compare version;
};
static_assert(sizeof(struct interface_test) <= FIELD_TEST_BYTES, "fits a test");

static bool read_uuid(struct span text, uint8_t uuid[16])
{
	if (text.len != UUID_TEXT_BYTES)
		return false;
	unsigned count = 0;
	for (uint32_t i = 0; i < text.len; i++) {
		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (text.data[i] != '-')
				return false;
			continue;
		}
		int digit = hex_value(text.data[i]);
		if (digit < 0)
			return false;
		uuid[count / 2] = (uint8_t)(uuid[count / 2] << 4 | digit);
		count++;
	}
	return true;
}

static const char *parse_interface(const char *arguments, void *data)
{
	struct interface_test *test = data;
	struct span rest = span_text(arguments), word;
	if (!argument_next(&rest, ',', &word) || !read_uuid(word, test->uuid))
		return "expected a UUID, as 12345678-1234-abcd-ef00-0123456789ab";
	bool any_fragment = false;
	while (argument_next(&rest, ',', &word)) {
		if (span_is(word, "any_frag")) {
			any_fragment = true;
			continue;
		}
		// A version without a sign would be a number of something else
		bool sign = word.len && strchr("<>=!", word.data[0]);
		if (test->has_version || any_fragment || !sign ||
			!argument_compare_read(word, UINT16_MAX, &test->version))
			return "expected a version behind one of < > = !, and any_frag last";
		test->has_version = true;
	}
	return NULL;
}

static bool match_interface(const struct field_source *source, const void *data)
{
	const struct interface_test *test = data;
	const struct dcerpc_call *call = request_of(source);
	if (!call || !call->has_interface || !call->interface.acked || call->interface.result != 0)
		return false;
	if (memcmp(call->interface.uuid, test->uuid, sizeof test->uuid) != 0)
		return false;
	return !test->has_version || argument_compare_holds(&test->version, call->interface.version);
}

// dcerpc.opnum: numbers and ranges ------------------------------------------------------------------------------------------------

struct opnum_test {
	uint32_t count;
	struct {
		uint16_t low, high;
	} ranges[OPNUM_RANGES];
};
static_assert(sizeof(struct opnum_test) <= FIELD_TEST_BYTES, "fits a test");

static const char *parse_opnum(const char *arguments, void *data)
{
	struct opnum_test *test = data;
	struct span rest = span_text(arguments), word, low;
	while (argument_next(&rest, ',', &word)) {
		uint64_t from, to;
		if (test->count == OPNUM_RANGES)
			return "too many operation numbers";
		argument_next(&word, '-', &low);
		if (!argument_number(span_trim(low), UINT16_MAX, &from))
			return "expected operation numbers up to 65535, and ranges of them";
		to = from;
		if (word.data && !argument_number(span_trim(word), UINT16_MAX, &to))
			return "expected operation numbers up to 65535, and ranges of them";
		if (to < from)
			return "a range goes from the lower number to the higher";
		test->ranges[test->count].low = (uint16_t)from;
		test->ranges[test->count++].high = (uint16_t)to;
	}
	return test->count ? NULL : "expected operation numbers";
}

static bool match_opnum(const struct field_source *source, const void *data)
{
	const struct opnum_test *test = data;
	const struct dcerpc_call *call = request_of(source);
	for (unsigned i = 0; call && i < test->count; i++)
		if (call->opnum >= test->ranges[i].low && call->opnum <= test->ranges[i].high)
			return true;
	return false;
}

static bool get_stub(const struct field_source *source, unsigned index, struct field_value *value)
{
	const struct dcerpc_call *call = call_of(source);
	if (index > 0 || !call || call->stub[source->direction].len == 0)
		return false;
	*value = (struct field_value) {
		.data = bytes_span(&call->stub[source->direction]), .first = true, .last = true, .little = call->little
	};
	return true;
}

#define BOTH(read, progress)                                                                  \
	{ APP_DCERPC, TO_SERVER, progress, read }, { APP_DCERPC, TO_CLIENT, progress, read }, \
		{ APP_SMB, TO_SERVER, progress, read },                                       \
	{                                                                                     \
		APP_SMB, TO_CLIENT, progress, read                                            \
	}

FIELD_TEST(field_dcerpc_iface, APP_DCERPC, "dcerpc.iface", "dce_iface", parse_interface, BOTH(match_interface, 0));
FIELD_TEST(field_dcerpc_opnum, APP_DCERPC, "dcerpc.opnum", "dce_opnum", parse_opnum, BOTH(match_opnum, 0));
FIELD_BUFFER(field_dcerpc_stub_data, APP_DCERPC, "dcerpc.stub_data", FIELD_SPELLINGS("dce_stub_data"),
	"dce-rpc stub data", 0, BOTH(get_stub, 1));
