// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/syslog/syslog.h"

const struct fact_name syslog_facts[] = {
	[SYSLOG_PRIORITY] = { "priority", FACT_NUMBER, false },
	[SYSLOG_FACILITY] = { "facility", FACT_TEXT, false },
	[SYSLOG_SEVERITY] = { "severity", FACT_TEXT, false },
	[SYSLOG_VERSION] = { "version", FACT_NUMBER, false },
	[SYSLOG_TIMESTAMP] = { "timestamp", FACT_TEXT, false },
	[SYSLOG_HOSTNAME] = { "hostname", FACT_TEXT, false },
	[SYSLOG_PROGRAM] = { "program", FACT_TEXT, false },
	[SYSLOG_PROCESS_ID] = { "process_id", FACT_TEXT, false },
	[SYSLOG_MESSAGE_ID] = { "message_id", FACT_TEXT, false },
	[SYSLOG_MESSAGE] = { "message", FACT_TEXT, false },
	{ NULL, 0, false },
};

static const char *const facilities[] = { "KERN", "USER", "MAIL", "DAEMON", "AUTH", "SYSLOG", "LPR", "NEWS", "UUCP",
	"CRON", "AUTHPRIV", "FTP", "NTP", "AUDIT", "ALERT", "CLOCK", "LOCAL0", "LOCAL1", "LOCAL2", "LOCAL3", "LOCAL4",
	"LOCAL5", "LOCAL6", "LOCAL7" };
static const char *const severities[] = { "EMERG", "ALERT", "CRIT", "ERR", "WARNING", "NOTICE", "INFO", "DEBUG" };

#define PRIORITY_MAX (sizeof(facilities) / sizeof(facilities[0]) * 8)

// "<PRI>": its value, and the bytes it takes. 0: there is none.
static uint32_t read_priority(struct span data, unsigned *value)
{
	*value = 0;
	if (!data.len || data.data[0] != '<')
		return 0;
	for (uint32_t i = 1; i < data.len && i < 5; i++) {
		unsigned digit = data.data[i] - (unsigned)'0';
		if (data.data[i] == '>')
			return i > 1 && *value < PRIORITY_MAX ? i + 1 : 0;
		if (digit > 9)
			return 0;
		*value = *value * 10 + digit;
	}
	return 0;
}

// The word at the front of *rest, which goes behind it and one space.
static struct span take_word(struct span *rest)
{
	uint32_t end = span_find(*rest, ' ', 0);
	struct span word = span_slice(*rest, 0, end);
	*rest = span_from(*rest, end < rest->len ? end + 1 : end);
	work_step(end + 1);
	return word;
}

static void put_word(const struct app_input *input, struct fact_tx *tx, uint8_t id, struct span word)
{
	if (word.len && !span_is(word, "-"))
		fact_text(input, tx, id, word);
}

// RFC 5424 section 6: a version, then words.
static void take_words(const struct app_input *input, struct fact_tx *tx, struct span *rest)
{
	static const uint8_t ids[] = { SYSLOG_TIMESTAMP, SYSLOG_HOSTNAME, SYSLOG_PROGRAM, SYSLOG_PROCESS_ID,
		SYSLOG_MESSAGE_ID };
	fact_number(input, tx, SYSLOG_VERSION, 1);
	*rest = span_from(*rest, 2);
	for (unsigned i = 0; i < sizeof(ids); i++)
		put_word(input, tx, ids[i], take_word(rest));
}

// "Mmm dd hh:mm:ss " of RFC 3164 section 4.1.2.
static bool has_date(struct span text)
{
	return text.len > 16 && text.data[3] == ' ' && text.data[6] == ' ' && text.data[9] == ':' &&
	       text.data[12] == ':' && text.data[15] == ' ';
}

// "program[123]: text": a tag of letters, digits and few others, then a colon or a bracket.
static void take_tag(const struct app_input *input, struct fact_tx *tx, struct span *rest)
{
	uint32_t end = 0;
	while (end < rest->len && end < 48 && rest->data[end] > ' ' && rest->data[end] != ':' && rest->data[end] != '[')
		end++;
	if (!end || end == rest->len || (rest->data[end] != ':' && rest->data[end] != '['))
		return;
	uint32_t close = rest->data[end] == '[' ? span_find(span_slice(*rest, 0, end + 16), ']', end) : end;
	if (close >= rest->len || (close > end && rest->data[close] != ']'))
		return;
	fact_text(input, tx, SYSLOG_PROGRAM, span_slice(*rest, 0, end));
	if (close > end)
		put_word(input, tx, SYSLOG_PROCESS_ID, span_slice(*rest, end + 1, close - end - 1));
	*rest = span_from(*rest, close + 1);
	if (rest->len && rest->data[0] == ':' && close > end)
		*rest = span_from(*rest, 1);
	if (rest->len && rest->data[0] == ' ')
		*rest = span_from(*rest, 1);
}

static void take_message(const struct app_input *input, struct span data)
{
	while (data.len &&
		(data.data[data.len - 1] == '\n' || data.data[data.len - 1] == '\r' || !data.data[data.len - 1]))
		data.len--;
	if (!data.len)
		return;
	struct fact_tx *tx = fact_begin(input, false);
	if (!tx)
		return;
	unsigned priority;
	uint32_t head = read_priority(data, &priority);
	struct span rest = span_from(data, head);
	if (head) {
		fact_number(input, tx, SYSLOG_PRIORITY, priority);
		fact_string(input, tx, SYSLOG_FACILITY, facilities[priority >> 3]);
		fact_string(input, tx, SYSLOG_SEVERITY, severities[priority & 7]);
	} else {
		fact_raise(input, tx, FACT_MALFORMED);
	}
	if (head && span_starts(rest, "1 ")) {
		take_words(input, tx, &rest);
	} else if (head) {
		if (has_date(rest)) {
			fact_text(input, tx, SYSLOG_TIMESTAMP, span_slice(rest, 0, 15));
			rest = span_from(rest, 16);
			struct span host = span_slice(rest, 0, span_find(rest, ' ', 0));
			if (host.len < rest.len && host.len && host.data[host.len - 1] != ':' &&
				span_find(host, '[', 0) == host.len)
				put_word(input, tx, SYSLOG_HOSTNAME, take_word(&rest));
		}
		take_tag(input, tx, &rest);
	}
	fact_text(input, tx, SYSLOG_MESSAGE, rest);
	fact_said(input, tx, input->direction);
}

// The next message of a stream: its bytes' start and length, and how many in all; whole 0: more is needed.
struct place {
	uint32_t start, len, whole;
};

// RFC 6587 section 3.4.1: "LEN SP MSG".
static bool find_counted(struct span data, struct place *out)
{
	uint32_t len = 0, i = 0;
	for (; i < data.len && i < 7 && data.data[i] >= '0' && data.data[i] <= '9'; i++)
		len = len * 10 + (data.data[i] - (uint32_t)'0');
	if (i == 0 || i == 7)
		return false;
	if (i == data.len)
		return true;
	if (data.data[i] != ' ' || !len)
		return false;
	*out = (struct place) { i + 1, len, i + 1 + len };
	return true;
}

static enum app_result parse_stream(struct app_input *input)
{
	uint32_t at = fact_skip(input);
	if (at == UINT32_MAX) { // after a gap messages are found again behind the next line end
		at = span_find(input->data, '\n', 0);
		at = at < input->data.len ? at + 1 : at;
	}
	while (at < input->data.len) {
		struct span rest = span_from(input->data, at);
		struct place place = { 0 };
		if (rest.data[0] == '<' || !find_counted(rest, &place)) {
			uint32_t end = span_find(rest, '\n', 0);
			work_step(end / 4);
			if (end < rest.len)
				place = (struct place) { 0, end, end + 1 };
			else if (rest.len > SYSLOG_MESSAGE_MAX || input->end)
				place = (struct place) { 0, rest.len, rest.len };
		}
		if (!place.whole)
			break;
		if (place.whole > rest.len) {
			if (place.len <= SYSLOG_MESSAGE_MAX)
				break;
			tally(input, TALLY_TRUNCATED);
			at += fact_pass(input, at, place.whole);
			continue;
		}
		take_message(input, span_slice(rest, place.start, place.len));
		at += place.whole;
	}
	input->consumed = at;
	return APP_OK;
}

static enum app_result parse(struct app_input *input)
{
	if (!input->datagram)
		return parse_stream(input);
	take_message(input, input->data);
	return APP_OK;
}

static enum app_probe probe(enum direction direction, struct span data, const struct flow *flow)
{
	unsigned priority;
	struct place place = { 0 };
	if (flow->key.proto == PROTO_TCP && data.len < 8)
		return APP_PROBE_MORE;
	if (flow->key.proto == PROTO_TCP && find_counted(data, &place))
		data = span_from(data, place.start);
	if (!read_priority(data, &priority))
		return APP_PROBE_NO;
	return direction == TO_SERVER ? APP_PROBE_YES : APP_PROBE_NO;
}

static const struct app_port ports[] = { { PROTO_UDP, 514, 514 }, { PROTO_TCP, 514, 514 }, { PROTO_TCP, 601, 601 },
	{ 0 } };

const struct app_parser syslog_parser = {
	.proto = APP_SYSLOG,
	.name = "syslog",
	.tcp = true,
	.udp = true,
	.ports = ports,
	.hint_only = true,
	.probe_bytes = 16,
	.probe = probe,
	.state_bytes = sizeof(struct fact_flow),
	.parse = parse,
	FACT_PARSER,
};
