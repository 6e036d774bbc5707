// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/field/ssh.h"
#include "decoders/app/ssh/ssh.h"
#include "signatures/field/argument.h"
#include <ctype.h>

// A version: "2_compat" or letters, digits, dots, dashes and underscores.
static const char *parse_protocol(const char *arguments, void *data)
{
	struct argument_text *test = data;
	const char *reason = argument_text_read(span_trim(span_text(arguments)), test);
	if (reason)
		return reason;
	for (unsigned i = 0; i < test->len; i++)
		if (!isalnum((unsigned char)test->text[i]) && !strchr(".-_", test->text[i]))
			return "expected a version such as 2.0 or 1.99, or 2_compat";
	return NULL;
}

static const char *parse_software(const char *arguments, void *data)
{
	return argument_text_read(span_trim(span_text(arguments)), data);
}

// An MD5 in hex. Rules may write it in either case; the value is lower case.
static const char *check_hash(const struct span *content, bool nocase)
{
	(void)nocase;
	uint8_t *at = (uint8_t *)content->data;
	if (content->len != 32)
		return "a hash has 32 characters: this content never matches";
	for (uint32_t i = 0; i < content->len; i++)
		at[i] = (uint8_t)tolower(at[i]);
	return NULL;
}

static const struct ssh_side *side_of(const struct field_source *source)
{
	return &ssh_tx_of(source->tx)->sides[source->direction];
}

static bool get_proto(const struct field_source *source, unsigned index, struct field_value *value)
{
	return index == 0 && field_filled(value, side_of(source)->proto);
}

static bool get_software(const struct field_source *source, unsigned index, struct field_value *value)
{
	return index == 0 && field_filled(value, side_of(source)->software);
}

static bool get_hassh(const struct field_source *source, unsigned index, struct field_value *value)
{
	return index == 0 && field_filled(value, span_text(side_of(source)->hassh_hash));
}

static bool get_hassh_string(const struct field_source *source, unsigned index, struct field_value *value)
{
	return index == 0 && field_filled(value, bytes_span(&side_of(source)->hassh));
}

static bool begins(struct span value, const struct argument_text *test)
{
	return value.len >= test->len && memcmp(value.data, test->text, test->len) == 0;
}

static bool match_protocol(const struct field_source *source, const void *data)
{
	const struct argument_text *test = data;
	struct span proto = side_of(source)->proto;
	if (span_is(span_of(test->text, test->len), "2_compat"))
		return span_is(proto, "2") || span_is(proto, "2.0") || span_is(proto, "1.99");
	return begins(proto, test);
}

static bool match_software(const struct field_source *source, const void *data)
{
	return begins(side_of(source)->software, data);
}

#define BANNER(function)                                      \
	{ APP_SSH, TO_SERVER, SSH_BANNER_DONE, function },    \
	{                                                     \
		APP_SSH, TO_CLIENT, SSH_BANNER_DONE, function \
	}
#define KEX(direction, function)                           \
	{                                                  \
		APP_SSH, direction, SSH_KEX_DONE, function \
	}

FIELD_TEST(field_ssh_protoversion, APP_SSH, "ssh.protoversion", NULL, parse_protocol, BANNER(match_protocol));
FIELD_TEST(field_ssh_softwareversion, APP_SSH, "ssh.softwareversion", NULL, parse_software, BANNER(match_software));
FIELD_BUFFER(field_ssh_proto, APP_SSH, "ssh.proto", FIELD_SPELLINGS("ssh_proto"), "ssh protocol version", 0,
	BANNER(get_proto));
FIELD_BUFFER(field_ssh_software, APP_SSH, "ssh.software", FIELD_SPELLINGS("ssh_software"), "ssh software", 0,
	BANNER(get_software));
const struct field_buffer field_ssh_hassh = {
	.name = "ssh.hassh",
	.sticky = FIELD_SPELLINGS("ssh-hassh"),
	.description = "hassh of the client",
	.level = FIELD_TX,
	.proto = APP_SSH,
	.check_content = check_hash,
	.readers = (const struct field_reader[]) { KEX(TO_SERVER, get_hassh), { .get = NULL } },
};
const struct field_buffer field_ssh_hassh_server = {
	.name = "ssh.hassh.server",
	.sticky = FIELD_SPELLINGS("ssh-hassh-server"),
	.description = "hassh of the server",
	.level = FIELD_TX,
	.proto = APP_SSH,
	.check_content = check_hash,
	.readers = (const struct field_reader[]) { KEX(TO_CLIENT, get_hassh), { .get = NULL } },
};
FIELD_BUFFER(field_ssh_hassh_string, APP_SSH, "ssh.hassh.string", FIELD_SPELLINGS("ssh-hassh-string"),
	"algorithms the hassh of the client is made of", 0, KEX(TO_SERVER, get_hassh_string));
FIELD_BUFFER(field_ssh_hassh_server_string, APP_SSH, "ssh.hassh.server.string",
	FIELD_SPELLINGS("ssh-hassh-server-string"), "algorithms the hassh of the server is made of", 0,
	KEX(TO_CLIENT, get_hassh_string));
