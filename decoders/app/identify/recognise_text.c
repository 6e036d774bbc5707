// SPDX-License-Identifier: GPL-3.0-or-later
// Recognisers of protocols made of text lines.
#include "decoders/app/identify/recognise.h"
#include "decoders/app/identify/prefix.h"
#include "decoders/base/cursor.h"

static bool is_hinted(const struct flow *flow)
{
	return flow->app.flags & APP_HINTED;
}

static struct span first_line(struct span data)
{
	return span_slice(data, 0, span_find(data, '\n', 0));
}

static bool line_has(struct span line, const char *word)
{
	size_t len = strlen(word);
	for (uint32_t i = 0; i + len <= line.len; i++)
		if (!((line.data[i] ^ (uint8_t)*word) & ~0x20u) &&
			strncasecmp((const char *)line.data + i, word, len) == 0)
			return true;
	return false;
}

// "220 " or "220-", with word in the line unless the port vouches for it.
static enum app_probe greeting(struct span data, const struct flow *flow, const char *code, const char *word)
{
	enum app_probe start = prefix_text(data, code);
	if (start != APP_PROBE_YES || data.len < 4)
		return start == APP_PROBE_NO ? APP_PROBE_NO : APP_PROBE_MORE;
	if (data.data[3] != ' ' && data.data[3] != '-')
		return APP_PROBE_NO;
	struct span line = first_line(data);
	if (line_has(line, word))
		return APP_PROBE_YES;
	if (line.len == data.len && data.len < 512)
		return APP_PROBE_MORE;
	return is_hinted(flow) ? APP_PROBE_YES : APP_PROBE_NO;
}

// RFC 2812 section 3.1.3: "USER name mode unused :real name".
static bool is_irc_user(struct span data)
{
	return span_starts_nocase(data, "USER ") && line_has(first_line(data), " :");
}

enum app_probe recognise_ftp(enum direction direction, struct span data, const struct flow *flow)
{
	static const char *const commands[] = { "USER ", "PASS ", "PORT ", "AUTH SSL", "AUTH TLS", "FEAT\r", NULL };
	if (direction == TO_CLIENT) {
		if (prefix_text(data, "220") == APP_PROBE_NO || line_has(first_line(data), "SMTP"))
			return APP_PROBE_NO;
		return greeting(data, flow, "220", "FTP");
	}
	enum app_proto answer = (enum app_proto)flow->app.proto_dir[TO_CLIENT];
	if (answer != APP_UNKNOWN && answer != APP_FAILED && answer != APP_FTP) // POP3 and IRC have USER and PASS too
		return APP_PROBE_NO;
	return is_irc_user(data) ? APP_PROBE_NO : prefix_any(data, commands);
}

enum app_probe recognise_smtp(enum direction direction, struct span data, const struct flow *flow)
{
	static const char *const commands[] = { "EHLO ", "HELO ", NULL };
	if (direction == TO_CLIENT)
		return greeting(data, flow, "220", "SMTP");
	return prefix_any(data, commands);
}

// A line that begins with a word of three letters or more.
static enum app_probe is_word_line(struct span data)
{
	uint32_t len = 0;
	while (len < data.len && ((data.data[len] | 0x20) >= 'a' && (data.data[len] | 0x20) <= 'z'))
		len++;
	if (len == data.len)
		return len < 16 ? APP_PROBE_MORE : APP_PROBE_NO;
	bool ends = data.data[len] == ' ' || data.data[len] == '\r' || data.data[len] == '\n';
	return len >= 3 && ends ? APP_PROBE_YES : APP_PROBE_NO;
}

enum app_probe recognise_pop3(enum direction direction, struct span data, const struct flow *flow)
{
	static const char *const commands[] = { "USER ", "CAPA\r", "APOP ", "STLS\r", "AUTH ", NULL };
	if (direction == TO_CLIENT)
		return greeting(data, flow, "+OK", "POP3");
	if (flow->app.proto_dir[TO_CLIENT] == APP_POP3) // its server was heard: any command will do
		return is_word_line(data);
	return is_hinted(flow) ? prefix_any(data, commands) : APP_PROBE_NO;
}

enum app_probe recognise_imap(enum direction direction, struct span data, const struct flow *flow)
{
	static const char *const commands[] = { " CAPABILITY", " LOGIN ", " STARTTLS", " AUTHENTICATE ", " ID (",
		NULL };
	if (direction == TO_CLIENT)
		return prefix_text(data, "* OK ");
	uint32_t space = span_find(data, ' ', 0);
	if (space > 12 || space == 0)
		return APP_PROBE_NO;
	if (space == data.len)
		return APP_PROBE_MORE;
	if (flow->app.proto_dir[TO_CLIENT] == APP_IMAP) // its server was heard: any command will do
		return is_word_line(span_from(data, space + 1));
	return prefix_any(span_from(data, space), commands);
}

enum app_probe recognise_irc(enum direction direction, struct span data, const struct flow *flow)
{
	(void)flow;
	if (direction == TO_SERVER && is_irc_user(data))
		return APP_PROBE_YES;
	return direction == TO_SERVER ? prefix_text(data, "NICK ") : APP_PROBE_NO;
}

enum app_probe recognise_jabber(enum direction direction, struct span data, const struct flow *flow)
{
	(void)direction, (void)flow;
	enum app_probe start = prefix_text(data, "<");
	if (start != APP_PROBE_YES)
		return start;
	struct span head = span_slice(data, 0, 160);
	if (line_has(head, "xmlns='jabber:client'") || line_has(head, "xmlns=\"jabber:client\""))
		return APP_PROBE_YES;
	return data.len < 160 ? APP_PROBE_MORE : APP_PROBE_NO;
}

enum app_probe recognise_sip(enum direction direction, struct span data, const struct flow *flow)
{
	static const char *const methods[] = { "REGISTER ", "INVITE ", "ACK ", "BYE ", "CANCEL ", "UPDATE ", "REFER ",
		"PRACK ", "SUBSCRIBE ", "NOTIFY ", "PUBLISH ", "MESSAGE ", "INFO ", "OPTIONS ", NULL };
	enum app_probe answer = prefix_text(data, "SIP/2.0 ");
	if (answer == APP_PROBE_YES)
		return direction == TO_CLIENT || flow->key.proto == PROTO_TCP ? APP_PROBE_YES : APP_PROBE_REVERSED;
	enum app_probe start = prefix_any(data, methods);
	if (start != APP_PROBE_YES)
		return answer == APP_PROBE_MORE ? answer : start;
	if (line_has(first_line(data), "SIP/2.0"))
		return APP_PROBE_YES;
	return span_find(data, '\n', 0) == data.len && data.len < 1024 ? APP_PROBE_MORE : APP_PROBE_NO;
}

enum app_probe recognise_rfb(enum direction direction, struct span data, const struct flow *flow)
{
	(void)direction, (void)flow;
	return prefix_text(data, "RFB 00");
}

enum app_probe recognise_bittorrent_dht(enum direction direction, struct span data, const struct flow *flow)
{
	static const char *const starts[] = { "d1:ad2:id20:", "d1:rd2:id20:", "d2:ip6:", "d1:el", NULL };
	(void)direction, (void)flow;
	return prefix_any(data, starts);
}
