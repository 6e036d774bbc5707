// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/field/ntp.h"
#include "decoders/app/datagram.h"
#include "decoders/app/ntp/ntp.h"

static const struct field_name mode_names[] = {
	{ "reserved", 0 },
	{ "symmetric_active", 1 },
	{ "symmetric_passive", 2 },
	{ "client", 3 },
	{ "server", 4 },
	{ "broadcast", 5 },
	{ "control", 6 },
	{ "private", 7 },
	{ NULL, 0 },
};

// False: there is nothing that can be told.
static bool read_message(const struct field_source *source, unsigned index, struct ntp_message *m)
{
	return index == 0 && ntp_message_read(datagram_span(source->tx), m);
}

static bool get_version(const struct field_source *source, unsigned index, uint64_t *value)
{
	struct ntp_message m;
	if (!read_message(source, index, &m))
		return false;
	*value = m.version;
	return true;
}

static bool get_mode(const struct field_source *source, unsigned index, uint64_t *value)
{
	struct ntp_message m;
	if (!read_message(source, index, &m))
		return false;
	*value = m.mode;
	return true;
}

static bool get_stratum(const struct field_source *source, unsigned index, uint64_t *value)
{
	struct ntp_message m;
	if (!read_message(source, index, &m) || !m.timed)
		return false;
	*value = m.stratum;
	return true;
}

static bool get_reference(const struct field_source *source, unsigned index, struct field_value *value)
{
	struct ntp_message m;
	if (!read_message(source, index, &m) || !m.timed)
		return false;
	return field_whole(value, m.reference);
}

#define BOTH(function)                          \
	{ APP_NTP, TO_SERVER, 1, function },    \
	{                                       \
		APP_NTP, TO_CLIENT, 1, function \
	}

FIELD_NUMBER(field_ntp_version, APP_NTP, "ntp.version", NULL, 8, 0, NULL, BOTH(get_version));
FIELD_NUMBER(field_ntp_mode, APP_NTP, "ntp.mode", NULL, 8, 0, mode_names, BOTH(get_mode));
FIELD_NUMBER(field_ntp_stratum, APP_NTP, "ntp.stratum", NULL, 8, 0, NULL, BOTH(get_stratum));
FIELD_BUFFER(field_ntp_reference_id, APP_NTP, "ntp.reference_id", NULL, "ntp reference id", 0, BOTH(get_reference));
