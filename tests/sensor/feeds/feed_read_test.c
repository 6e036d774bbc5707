// SPDX-License-Identifier: GPL-3.0-or-later
// Feeds of every format as people publish them, and as they should not be taken.
#include "sensor/feeds/feed_read.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>
#include <cmocka.h>
#include "sensor/feeds/feed_value.h"

#define NOW 1800000000u

struct taken {
	char text[4096]; // "KIND VALUE FAMILY CONFIDENCE;" each
	unsigned count;
	struct indicator last;
};

static bool keep(void *context, const struct indicator *indicator)
{
	struct taken *taken = context;
	char value[INDICATOR_VALUE_MAX + 8];
	size_t len = strlen(taken->text);
	feed_value_text(indicator, value, sizeof(value));
	snprintf(taken->text + len, sizeof(taken->text) - len, "%s%s%s %s %.*s %u;",
		indicator->flags & INDICATOR_ALLOW ? "+" : "", indicator->flags & INDICATOR_EXACT ? "=" : "",
		indicator_kind_names[indicator->kind], value, (int)indicator->family.len,
		indicator->family.len ? (const char *)indicator->family.data : "", indicator->confidence);
	taken->last = *indicator;
	taken->count++;
	return true;
}

struct reading {
	struct feeds feeds;
	struct feed *feed;
	struct taken taken;
	struct feed_report report;
	struct pack_error error;
	char path[64];
};

static void begin(struct reading *reading, enum feed_format format)
{
	*reading = (struct reading) { 0 };
	snprintf(reading->path, sizeof(reading->path), "/tmp/feed-test-XXXXXX");
	int fd = mkstemp(reading->path);
	assert_true(fd >= 0);
	close(fd);
	assert_true(feeds_add(&reading->feeds, "test", reading->path, false));
	reading->feed = &reading->feeds.items[0];
	reading->feed->format = format;
}

static bool read_bytes(struct reading *reading, const void *bytes, size_t len, const struct feed_site *site)
{
	FILE *file = fopen(reading->path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	fclose(file);
	return feed_read(
		reading->feed, site, reading->path, NOW, keep, &reading->taken, &reading->report, &reading->error);
}

static bool read_text(struct reading *reading, const char *text)
{
	return read_bytes(reading, text, strlen(text), NULL);
}

static void end(struct reading *reading)
{
	unlink(reading->path);
	feeds_free(&reading->feeds);
}

static void plain_lists_say_what_a_value_is_by_its_form(void **state)
{
	(void)state;
	struct reading reading;
	begin(&reading, FEED_AUTO);
	assert_true(read_text(&reading,
		"# comment\n203.0.113.7 # why\n203.0.113.9:8080\r\n198.51.100.0/24\n2001:db8:1::/48\n"
		"[2001:db8::1]:443\nEvil.Example.\n*.below.example\nhxxp://bad[.]example/a/../b?x=%7e\n"
		"evil.example/gate.php\n/panel/gate.php\nd41d8cd98f00b204e9800998ecf8427e\n"
		"User@Evil.Example\nhttp://host.example\n\n"));
	assert_string_equal(reading.taken.text,
		"address 203.0.113.7  70;endpoint 203.0.113.9:8080  70;network 198.51.100.0/24  70;network "
		"2001:db8:1::/48  70;"
		"endpoint [2001:db8::1]:443  70;domain evil.example  70;domain *.below.example  70;url "
		"bad.example/b?x=~  70;"
		"url evil.example/gate.php  70;url /panel/gate.php  70;file_md5 d41d8cd98f00b204e9800998ecf8427e  70;"
		"email user@evil.example  70;domain host.example  70;");
	assert_int_equal(reading.report.refused, 0);
	assert_int_equal(reading.report.format, FEED_PLAIN);
	end(&reading);
}

static void internationalised_names_become_a_labels(void **state)
{
	(void)state;
	struct reading reading;
	begin(&reading, FEED_PLAIN);
	assert_true(read_text(&reading, "B\xc3\xbc"
					"cher.example\nhttp://stra\xc3\x9f"
					"e.example/x\n"));
	assert_string_equal(reading.taken.text, "domain xn--bcher-kva.example  70;url xn--strae-oqa.example/x  70;");
	end(&reading);
}

static bool own_network(void *context, const struct address *first, unsigned bits)
{
	struct address own;
	(void)context;
	assert_true(address_parse("192.0.2.0", &own));
	return address_in(first, &own, bits < 120 ? bits : 120);
}

static void sloppy_entries_are_refused_with_a_reason(void **state)
{
	(void)state;
	struct reading reading;
	static const char *const own[] = { "site.example", NULL };
	const struct feed_site site = { .own_domains = own, .is_own = own_network };
	static const char *const lines[] = { "com", "co.uk", "0.0.0.0/0", "::/0", "10.1.2.3", "127.0.0.1", "192.0.2.9",
		"192.0.2.0/23", "www.site.example", "site.example", "https://www.site.example/x", "-", "a..b.example",
		"1.2.3.4.5", "/a", "fe80::1", "1.2.3.4/33" };
	begin(&reading, FEED_PLAIN);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_true(read_bytes(&reading, lines[i], strlen(lines[i]), &site));
		assert_string_equal(reading.taken.text, "");
		if (reading.report.refused != 1)
			fail_msg("%s was taken", lines[i]);
		assert_int_equal(reading.report.refusals[0].line, 1);
		assert_non_null(strstr(reading.report.refusals[0].text, lines[i]));
	}
	end(&reading);
}

static void hosts_files_list_their_names_alone(void **state)
{
	(void)state;
	struct reading reading;
	begin(&reading, FEED_AUTO);
	assert_true(read_text(
		&reading, "# hosts\n127.0.0.1 localhost\n::1 ip6-localhost\n0.0.0.0 ads.example two.example # x\n"));
	assert_string_equal(reading.taken.text, "=domain ads.example  70;=domain two.example  70;");
	assert_int_equal(reading.report.format, FEED_HOSTS);
	end(&reading);
}

static void csv_columns_are_found_by_number_and_name(void **state)
{
	(void)state;
	struct reading reading;
	begin(&reading, FEED_CSV);
	snprintf(reading.feed->columns[COLUMN_VALUE], FEED_TEXT_MAX, "ioc");
	snprintf(reading.feed->columns[COLUMN_FAMILY], FEED_TEXT_MAX, "3");
	snprintf(reading.feed->columns[COLUMN_CONFIDENCE], FEED_TEXT_MAX, "score");
	snprintf(reading.feed->columns[COLUMN_EXPIRY], FEED_TEXT_MAX, "until");
	assert_true(read_text(&reading, "id,ioc,family,score,until\n1,\"bad.example\",\"a, \"\"b\"\"\",90,2037-01-01\n"
					"2,203.0.113.1,x,0,2001-01-01\n3,\"open\n"));
	assert_string_equal(reading.taken.text, "domain bad.example a, \"b\" 90;");
	assert_int_equal(reading.report.skipped, 1); // expired
	assert_int_equal(reading.report.refused, 1);
	assert_int_equal(reading.taken.last.expiry_s, 2114380800u);
	snprintf(reading.feed->columns[COLUMN_VALUE], FEED_TEXT_MAX, "nothing");
	assert_false(read_text(&reading, "id,ioc\n1,bad.example\n"));
	assert_non_null(strstr(reading.error.text, "no column \"nothing\""));
	end(&reading);
}

static void csv_without_columns_is_guessed(void **state)
{
	(void)state;
	struct reading reading;
	begin(&reading, FEED_AUTO);
	reading.feed->format = FEED_CSV;
	assert_true(read_text(&reading, "# abuse list\n# \"first_seen_utc\",\"dst_ip\",\"dst_port\",\"malware\"\n"
					"\"2026-01-02 03:04:05\",\"203.0.113.5\",\"443\",\"Dridex\"\n"));
	assert_string_equal(reading.taken.text, "endpoint 203.0.113.5:443 Dridex 70;");
	assert_int_equal(reading.taken.last.first_seen_s, 1767323045u);
	end(&reading);
}

static void scores_become_confidence(void **state)
{
	(void)state;
	struct reading reading;
	begin(&reading, FEED_PLAIN);
	reading.feed->score_low = 1;
	reading.feed->score_high = 10;
	assert_true(read_text(&reading, "203.0.113.1\t10\n203.0.113.2\t1\n203.0.113.3\t4\n"));
	assert_string_equal(
		reading.taken.text, "address 203.0.113.1  100;address 203.0.113.2  1;address 203.0.113.3  34;");
	end(&reading);
}

static void response_policy_zones(void **state)
{
	(void)state;
	struct reading reading;
	begin(&reading, FEED_AUTO);
	assert_true(read_text(&reading,
		"$TTL 300\n@ IN SOA localhost. root.localhost. (\n 1 2 3 4 5 )\n  IN NS localhost.\n"
		"$ORIGIN rpz.example.\nbad.test.rpz.example. CNAME .\n*.bad.test CNAME . ; below\n"
		"walled.test 60 IN A 192.0.2.1\ngood.test CNAME rpz-passthru.\n"
		"24.0.100.51.198.rpz-ip CNAME .\n48.zz.a.db8.2001.rpz-ip CNAME .\n"
		"ns.evil.test.rpz-nsdname CNAME .\n"));
	assert_string_equal(reading.taken.text,
		"=domain bad.test  70;domain *.bad.test  70;=domain walled.test  70;+=domain good.test  70;"
		"network 198.51.100.0/24  70;network 2001:db8:a::/48  70;");
	assert_int_equal(reading.report.format, FEED_RPZ);
	end(&reading);
	// A zone that others write may not allow: it would silence the other feeds
	begin(&reading, FEED_RPZ);
	reading.feed->remote = true;
	assert_true(read_text(&reading, "bad.test CNAME .\nevil.test CNAME rpz-passthru.\n"));
	assert_string_equal(reading.taken.text, "=domain bad.test  70;");
	assert_int_equal(reading.report.skipped, 1);
	end(&reading);
}

static void suricata_files(void **state)
{
	(void)state;
	struct reading reading;
	begin(&reading, FEED_IPREP);
	assert_true(read_text(&reading, "203.0.113.1,1,127\n203.0.113.0/28,2,1\n203.0.113.2,1,0\n203.0.113.3,1,200\n"));
	assert_string_equal(reading.taken.text, "address 203.0.113.1  100;network 203.0.113.0/28  1;");
	assert_int_equal(reading.report.refused, 1);
	end(&reading);
	begin(&reading, FEED_DATASET);
	reading.feed->kind = INDICATOR_DOMAIN;
	assert_true(read_text(&reading, "ZXZpbC5leGFtcGxl\nYmFkLnRlc3Q=,5\n!!!\n"));
	assert_string_equal(reading.taken.text, "domain evil.example  70;domain bad.test  70;");
	assert_int_equal(reading.report.refused, 1);
	end(&reading);
}

static const char bundle[] =
	"{\"type\":\"bundle\",\"id\":\"bundle--1\",\"objects\":["
	"{\"type\":\"malware\",\"id\":\"malware--1\",\"name\":\"Emotet\"},"
	"{\"type\":\"attack-pattern\",\"id\":\"attack-pattern--1\",\"external_references\":[{\"source_name\":\"mitre-"
	"attack\","
	"\"external_id\":\"T1071.001\"}]},"
	"{\"type\":\"relationship\",\"relationship_type\":\"indicates\",\"source_ref\":\"indicator--1\",\"target_ref\":"
	"\"malware--1\"},"
	"{\"type\":\"relationship\",\"relationship_type\":\"indicates\",\"source_ref\":\"indicator--1\","
	"\"target_ref\":\"attack-pattern--1\"},"
	"{\"type\":\"indicator\",\"id\":\"indicator--1\",\"pattern_type\":\"stix\",\"confidence\":85,"
	"\"valid_from\":\"2026-01-01T00:00:00.5Z\",\"valid_until\":\"2036-01-01T00:00:00Z\","
	"\"pattern\":\"[domain-name:value = 'evil.example' OR url:value = 'http://evil.example/a'] OR "
	"[ipv4-addr:value ISSUBSET '198.51.100.0/24']\"},"
	"{\"type\":\"indicator\",\"id\":\"indicator--2\",\"pattern_type\":\"stix\",\"pattern\":\"[network-traffic:dst_"
	"ref.value = "
	"'203.0.113.4' AND network-traffic:dst_port = 443]\"},"
	"{\"type\":\"indicator\",\"id\":\"indicator--3\",\"pattern_type\":\"stix\",\"pattern\":\"[file:hashes.'SHA-1' "
	"= "
	"'da39a3ee5e6b4b0d3255bfef95601890afd80709' AND file:name = 'a.exe']\"},"
	"{\"type\":\"indicator\",\"id\":\"indicator--4\",\"pattern_type\":\"stix\",\"pattern\":\"[domain-name:value = "
	"'a.example'] "
	"FOLLOWEDBY [domain-name:value = 'b.example']\"},"
	"{\"type\":\"indicator\",\"id\":\"indicator--5\",\"pattern_type\":\"stix\",\"revoked\":true,\"pattern\":\"["
	"domain-name:value "
	"= 'c.example']\"},"
	"{\"type\":\"indicator\",\"id\":\"indicator--6\",\"pattern_type\":\"stix\",\"pattern\":\"[domain-name:value = "
	"'d.example' AND "
	"url:value = 'http://d.example/x']\"}]}";

static void stix_bundles(void **state)
{
	(void)state;
	struct reading reading;
	begin(&reading, FEED_AUTO);
	assert_true(read_text(&reading, bundle));
	assert_string_equal(reading.taken.text,
		"domain evil.example Emotet 85;url evil.example/a Emotet 85;network 198.51.100.0/24 Emotet 85;"
		"endpoint 203.0.113.4:443  70;file_sha1 da39a3ee5e6b4b0d3255bfef95601890afd80709  70;");
	assert_int_equal(reading.report.refused, 2);
	assert_int_equal(reading.report.skipped, 1);
	assert_false(read_bytes(&reading, bundle, sizeof(bundle) / 2, NULL));
	assert_non_null(strstr(reading.error.text, "not JSON"));
	end(&reading);
}

static void one_relationship_without_a_target_is_left_out(void **state)
{
	(void)state;
	struct reading reading;
	begin(&reading, FEED_STIX);
	assert_true(
		read_text(&reading, "{\"objects\":[{\"type\":\"relationship\",\"relationship_type\":\"indicates\","
				    "\"source_ref\":\"indicator--1\"},{\"type\":\"indicator\",\"id\":\"indicator--1\","
				    "\"pattern\":\"[domain-name:value = 'evil.example']\"}]}"));
	assert_string_equal(reading.taken.text, "domain evil.example  70;");
	end(&reading);
}

// 14 MB of text, 20 KB in gzip, that would take 4 GB as values.
static void a_file_of_nothing_but_brackets_is_refused_before_it_is_made(void **state)
{
	(void)state;
	enum { PAIRS = 5000000 };
	struct reading reading;
	char *bytes = malloc(3 * PAIRS + 1);
	assert_non_null(bytes);
	bytes[0] = '[';
	for (size_t i = 0; i < PAIRS; i++)
		memcpy(bytes + 1 + 3 * i, "{},", 3);
	bytes[3 * PAIRS] = ']';
	for (enum feed_format format = FEED_STIX; format <= FEED_MISP; format++) {
		begin(&reading, format);
		assert_false(read_bytes(&reading, bytes, 3 * PAIRS + 1, NULL));
		assert_non_null(strstr(reading.error.text, "more values"));
		end(&reading);
	}
	// Brackets within texts count for nothing
	begin(&reading, FEED_MISP);
	memset(bytes, '[', 3 * PAIRS + 1);
	memcpy(bytes, "{\"Attribute\":[],\"a\":\"\\\"", 23);
	memcpy(bytes + 3 * PAIRS - 1, "\"}", 2);
	assert_true(read_bytes(&reading, bytes, 3 * PAIRS + 1, NULL));
	free(bytes);
	end(&reading);
}

static void misp_events(void **state)
{
	(void)state;
	struct reading reading;
	begin(&reading, FEED_AUTO);
	assert_true(read_text(&reading,
		"{\"response\":[{\"Event\":{\"Tag\":[{\"name\":\"misp-galaxy:malpedia=\\\"Qakbot\\\"\"}],\"Attribute\":"
		"["
		"{\"type\":\"ip-dst|port\",\"value\":\"203.0.113.8|995\",\"to_ids\":true,\"timestamp\":\"1700000000\"},"
		"{\"type\":\"domain\",\"value\":\"not.example\",\"to_ids\":false},"
		"{\"type\":\"comment\",\"value\":\"x\",\"to_ids\":true}],"
		"\"Object\":[{\"Attribute\":[{\"type\":\"domain|ip\",\"value\":\"q.example|203.0.113.9\",\"to_ids\":"
		"\"1\"},"
		"{\"type\":\"filename|md5\",\"value\":\"a.exe|d41d8cd98f00b204e9800998ecf8427e\",\"to_ids\":true}]}]}}]"
		"}"));
	assert_string_equal(reading.taken.text,
		"endpoint 203.0.113.8:995 Qakbot 70;domain q.example Qakbot 70;address 203.0.113.9 Qakbot 70;"
		"file_md5 d41d8cd98f00b204e9800998ecf8427e Qakbot 70;");
	assert_int_equal(reading.report.skipped, 2);
	assert_false(read_text(&reading, "{\"other\":1}"));
	end(&reading);
}

static void files_that_are_not_what_they_should_be(void **state)
{
	(void)state;
	struct reading reading;
	uint8_t packed[256];
	uLongf len = sizeof(packed);
	begin(&reading, FEED_AUTO);
	assert_false(read_bytes(&reading,
		"\x7f"
		"ELF\x02\x01\x01\0\0",
		9, NULL));
	assert_non_null(strstr(reading.error.text, "binary"));
	gzFile file = gzopen(reading.path, "wb");
	for (int i = 0; i < 5000; i++)
		gzprintf(file, "203.0.%d.%d\n", i / 250, i % 250);
	gzclose(file);
	FILE *whole = fopen(reading.path, "rb");
	assert_non_null(whole);
	len = fread(packed, 1, sizeof(packed), whole);
	fclose(whole);
	assert_false(read_bytes(&reading, packed, len, NULL)); // its beginning
	assert_non_null(strstr(reading.error.text, "truncated"));
	char *page = malloc(100000);
	assert_non_null(page);
	size_t at = 0;
	for (int i = 0; i < 200; i++)
		at += (size_t)snprintf(page + at, 100000 - at, "<p>a page of a proxy, %d</p>\n", i);
	assert_false(read_bytes(&reading, page, at, NULL));
	assert_non_null(strstr(reading.error.text, "cannot be taken"));
	reading.feed->max_bytes = 1000;
	assert_false(read_bytes(&reading, page, at, NULL));
	assert_non_null(strstr(reading.error.text, "max-size"));
	free(page);
	end(&reading);
	assert_false(feed_read(&(struct feed) { .max_bytes = 10 }, NULL, "/nonexistent", NOW, keep, &reading.taken,
		&reading.report, &reading.error));
	assert_non_null(strstr(reading.error.text, "/nonexistent"));
}

static void endless_lines_cost_no_memory(void **state)
{
	(void)state;
	struct reading reading;
	size_t len = 3 << 20;
	begin(&reading, FEED_PLAIN);
	char *bytes = malloc(len);
	assert_non_null(bytes);
	memset(bytes, 'a', len);
	memcpy(bytes + len - 14, "\nbad.example\n\n", 14);
	assert_true(read_bytes(&reading, bytes, len, NULL));
	assert_string_equal(reading.taken.text, "domain bad.example  70;");
	assert_int_equal(reading.report.refused, 1);
	assert_int_equal(reading.report.refusals[0].line, 1);
	free(bytes);
	end(&reading);
}

// What a maintainer of a feed does wrong ------------------------------------------------------------------------------------------

struct deviation {
	const char *text, *taken;
	unsigned refused;
	const char *first; // "LINE: ..." of the first refusal, or its beginning
};

static void read_each(enum feed_format format, const struct deviation *cases, size_t count, void (*set)(struct feed *))
{
	for (size_t i = 0; i < count; i++) {
		struct reading reading;
		char first[256] = "";
		begin(&reading, format);
		if (set)
			set(reading.feed);
		bool good = read_text(&reading, cases[i].text);
		if (reading.report.refusal_count)
			snprintf(first, sizeof(first), "%llu: %s", (unsigned long long)reading.report.refusals[0].line,
				reading.report.refusals[0].text);
		const char *wanted = cases[i].first ? cases[i].first : "";
		if (!good || strcmp(reading.taken.text, cases[i].taken) != 0 ||
			reading.report.refused != cases[i].refused || strncmp(first, wanted, strlen(wanted)) != 0)
			fail_msg("%s\n-> %s\n%u refused; %s %s", cases[i].text, reading.taken.text,
				(unsigned)reading.report.refused, first, good ? "" : reading.error.text);
		end(&reading);
	}
}

#define READ_EACH(format, cases, set) read_each(format, cases, sizeof(cases) / sizeof(*(cases)), set)

static void plain_lists_as_people_write_them(void **state)
{
	(void)state;
	static const struct deviation cases[] = {
		{ "\xef\xbb\xbf"
		  "evil.example  \r\n\tb.example\t\r\nlast.example",
			"domain evil.example  70;domain b.example  70;domain last.example  70;", 0, NULL },
		{ "// remark\n! remark\n; remark\nevil.example\t// x\n", "domain evil.example  70;", 0, NULL },
		{ "\"a.example\"\n'b.example'\n<http://c.example/x>\nd.example,\n",
			"domain a.example  70;domain b.example  70;url c.example/x  70;domain d.example  70;", 0,
			NULL },
		{ "[2001:db8:1::1]\n[2001:db8:1::1]:443\n::ffff:203.0.113.5\n::ffff:203.0.113.0/120\n",
			"address 2001:db8:1::1  70;endpoint [2001:db8:1::1]:443  70;address 203.0.113.5  70;network "
			"203.0.113.0/24  70;",
			0, NULL },
		{ "[Adblock Plus]\nevil.example\n", "domain evil.example  70;", 1, "1: [Adblock" },
		{ "203.0.113.9/24\n203.0.113.10/33\n203.0.113.6:65536\n203.0.113.6:0\n203.0.113.0/255.255.255.0\n",
			"network 203.0.113.0/24  70;", 4, "2: 203.0.113.10/33: a network ends in" },
		{ "203.0.113.1 - 203.0.113.9\n198.51.100.0/24 ; SBL1\n198.51.101.0/24 remark\n",
			"network 198.51.100.0/24  70;network 198.51.101.0/24  70;", 1,
			"1: 203.0.113.1 - 203.0.113.9: a range" },
		{ "hxxps://evil(.)example/b\nevil{.}example/"
		  "c\nevil[dot]example\nuser(at)evil(dot)example\nevil.example[/]d\nh**p://evil[.]example[:]8080/"
		  "e\nhxxp[:]//evil.example/f\n",
			"url evil.example/b  70;url evil.example/c  70;domain evil.example  70;email user@evil.example "
			" 70;url evil.example/d  70;url evil.example:8080/e  70;url evil.example/f  70;",
			0, NULL },
		{ "http://evil.example/a b c\nhttp://evil.example/a%20b\thow it was found\n",
			"url evil.example/a%20b  70;", 1, "1: http://evil.example/a b c: a blank" },
		{ "http://u:p@evil.example:80/%7ea#x\nhttp://evil.example:99999/\nmailto:a@evil.example\ntcp://"
		  "203.0.113.9:443\n",
			"url evil.example/~a  70;email a@evil.example  70;endpoint 203.0.113.9:443  70;", 1,
			"2: http://evil.example:99999/: not a URL" },
		{ "d41d8cd98f00b204e9800998ecf8427e *file.exe\nd41d8cd98f00b204e9800998ecf8427\n",
			"file_md5 d41d8cd98f00b204e9800998ecf8427e  70;", 1, "2: d41d" },
		{ "b\xfc"
		  "cher.example\nb\xc3\xbc"
		  "cher.example\n",
			"domain xn--bcher-kva.example  70;", 1, "1: b" },
	};
	READ_EACH(FEED_AUTO, cases, NULL);
}

// `intel add` keeps a value as feed_value_text writes it.
static void what_is_written_is_read_as_the_same_again(void **state)
{
	(void)state;
	static const struct {
		const char *text, *written;
		unsigned kind;
	} cases[] = {
		{ "/.//user@/gate.php", "/.//user@/gate.php", INDICATOR_URL }, // "//user@/gate.php" would have a host
		{ "/a/..//b.example/c", "/.//b.example/c", INDICATOR_URL },
		{ "evil.example//a", "evil.example//a", INDICATOR_URL },
		{ "tcp://udp://agent", "tcp://udp://agent", INDICATOR_USER_AGENT },
		{ "udp://203.0.113.9:53/", "203.0.113.9:53", INDICATOR_KINDS },
		{ "*.evil.example", "*.evil.example", INDICATOR_KINDS },
		{ "2001:db8:9::7/40", "2001:db8::/40", INDICATOR_KINDS },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct feed_value value, again;
		char written[2 * INDICATOR_VALUE_MAX];
		assert_null(feed_value_parse(span_text(cases[i].text), cases[i].kind, NULL, false, &value));
		size_t len = feed_value_text(&value.indicator, written, sizeof(written));
		assert_string_equal(written, cases[i].written);
		assert_null(feed_value_parse(span_of(written, len), value.indicator.kind, NULL, false, &again));
		assert_true(span_equal(again.indicator.value, value.indicator.value));
		assert_int_equal(again.indicator.bits, value.indicator.bits);
		assert_int_equal(again.indicator.port, value.indicator.port);
		assert_int_equal(again.indicator.flags, value.indicator.flags);
	}
}

static void hosts_files_as_people_write_them(void **state)
{
	(void)state;
	static const struct deviation cases[] = {
		{ "bare.example\n0.0.0.0\n:: a.example\n", "=domain a.example  70;", 2,
			"1: bare.example: expected an address" },
		{ "0.0.0.0 *.wild.example\n", "domain *.wild.example  70;", 0, NULL },
		{ "127.0.0.1\tA.example b.example # c\r\n", "=domain a.example  70;=domain b.example  70;", 0, NULL },
	};
	READ_EACH(FEED_HOSTS, cases, NULL);
	static const struct deviation one[] = { { "0.0.0.0 only.example\n", "=domain only.example  70;", 0, NULL } };
	READ_EACH(FEED_AUTO, one, NULL);
}

static void csv_as_abuse_ch_writes_it(void **state)
{
	(void)state;
	static const struct deviation cases[] = {
		// URLhaus
		{ "# abuse.ch, x\n#\n# id,dateadded,url,url_status,threat\n\"1\",\"2026-11-22 "
		  "05:58:06\",\"http://203.0.113.9:41234/bin,sh\",\"online\",\"malware\"\n",
			"url 203.0.113.9:41234/bin,sh  70;", 0, NULL },
		// ThreatFox: blanks before quotes
		{ "# "
		  "\"first_seen_utc\",\"ioc_id\",\"ioc_value\",\"ioc_type\",\"malware_printable\",\"confidence_"
		  "level\"\n\"2026-11-22 05:45:11\", \"1\", \"203.0.113.10:4433\", \"ip:port\", \"Cobalt Strike\", "
		  "\"75\"\n# Number of entries: 1\n",
			"endpoint 203.0.113.10:4433 Cobalt Strike 75;", 0, NULL },
		// Feodo Tracker
		{ "\"first_seen_utc\",\"dst_ip\",\"dst_port\",\"malware\"\n\"2022-06-04 "
		  "21:24:53\",\"203.0.113.11\",\"8080\",\"Emotet\"\n\"x\",\"203.0.113.12\",\"65537\",\"None\"\n\"x\","
		  "\"203.0.113.13\",\"\",\"None\"\n",
			"endpoint 203.0.113.11:8080 Emotet 70;address 203.0.113.13  70;", 1,
			"3: 203.0.113.12: not a port" },
		// SSLBL
		{ "# Firstseen,DstIP,DstPort\r\n2026-11-21 14:29:43,203.0.113.14,443\r\n",
			"endpoint 203.0.113.14:443  70;", 0, NULL },
		{ "# ja3_md5,Firstseen,Lastseen,Listingreason\nb386946a5a44d1ddcc843bc75336dfce,2017-07-14 "
		  "18:08:15,2019-07-27 20:42:54,Dridex\n",
			"ja3 b386946a5a44d1ddcc843bc75336dfce Dridex 70;", 0, NULL },
	};
	READ_EACH(FEED_CSV, cases, NULL);
}

static void declare(struct feed *feed)
{
	snprintf(feed->columns[COLUMN_VALUE], FEED_TEXT_MAX, "v");
	snprintf(feed->columns[COLUMN_KIND], FEED_TEXT_MAX, "k");
	snprintf(feed->columns[COLUMN_EXPIRY], FEED_TEXT_MAX, "e");
	snprintf(feed->columns[COLUMN_PORT], FEED_TEXT_MAX, "p");
	snprintf(feed->columns[COLUMN_CONFIDENCE], FEED_TEXT_MAX, "c");
}

static void csv_rows_are_taken_whole_or_not(void **state)
{
	(void)state;
	static const struct deviation cases[] = {
		{ "\xef\xbb\xbf"
		  "v,k,e,p,c\r\na.example,FQDN,,,\r\n",
			"domain a.example  70;", 0, NULL },
		{ "v,k,e,p,c\na.example,domain,never,,0\nb.example,domain,31/12/2030,,\nc.example,,2030-01-01,,high\n",
			"domain a.example  1;domain c.example  70;", 1, "3: b.example: an expiry" },
		{ "v,k,e,p,c\nd41d8cd98f00b204e9800998ecf8427e,imphash,,,\nd41d8cd98f00b204e9800998ecf8427e,JA3_hash,,,"
		  "\n",
			"ja3 d41d8cd98f00b204e9800998ecf8427e  70;", 1,
			"2: d41d8cd98f00b204e9800998ecf8427e: of a kind" },
		{ "v,k,e,p,c\n203.0.113.0/24,,,443,\n203.0.113.1,,,70000,\n203.0.113.2,,,0,\n2001:db8:1::1,,,443,\n",
			"address 203.0.113.2  70;endpoint [2001:db8:1::1]:443  70;", 2,
			"2: 203.0.113.0/24: a network" },
		// A quoted field over lines is one row: nothing of it is an entry of its own
		{ "v,k,e,p,c,note\na.example,,,,,\"one\ngood.example,,,,,\"\nb.example,,,,,x\n",
			"domain a.example  70;domain b.example  70;", 0, NULL },
		{ "v,k,e,p,c\n\"a.example,,,,\nb.example,,,,\n", "", 1, "2: a quote that is not closed" },
	};
	READ_EACH(FEED_CSV, cases, declare);
}

// CPU time of a CSV file of rows of many lines, whose quotes are never closed; or of as many plain lines.
static double cost_of_rows(bool open)
{
	enum { ROWS = 40, LINES = 101, LINE = 600 };
	struct reading reading;
	char *text = malloc(ROWS * LINES * (LINE + 1));
	size_t len = 0;
	assert_non_null(text);
	for (unsigned i = 0; i < ROWS * LINES; i++, len += LINE + 1) {
		memset(text + len, 'a', LINE);
		text[len + LINE] = '\n';
		if (open && i % LINES == 0)
			text[len] = '"';
	}
	begin(&reading, FEED_CSV);
	clock_t begun = clock();
	assert_false(read_bytes(&reading, text, len, NULL));
	double cost = (double)(clock() - begun) / CLOCKS_PER_SEC;
	end(&reading);
	free(text);
	return cost;
}

static void quotes_that_are_not_closed_cost_no_more(void **state)
{
	(void)state;
	double usual = cost_of_rows(false), open = cost_of_rows(true);
	if (open > 4 * usual + 0.02)
		fail_msg("%.3f s instead of %.3f", open, usual);
}

static void zones_as_people_write_them(void **state)
{
	(void)state;
	static const struct deviation cases[] = {
		{ "$TTL 2h\n$ORIGIN rpz.example.net.\n@ IN SOA a. b. (\n 1 ; serial\n 3h 1h\n 1w 2h )\n IN NS "
		  "a.\nEvil.example 1h IN CNAME .\nb.example.rpz.example.net. CNAME rpz-drop.\nc.example CNAME "
		  "rpz-tcp-only.\n",
			"=domain evil.example  70;=domain b.example  70;", 0, NULL },
		{ "$ORIGIN rpz.\n@ SOA a b 1 2 3 4 5\na.example CNAME a.example.\n32.7.113.0.203.rpz-ip CNAME "
		  ".\n24.0.100.51.198.rpz-ip CNAME .\n128.1.zz.1.db8.2001.rpz-ip CNAME .\nns.a.example.rpz-nsdname "
		  "CNAME .\n32.1.2.0.192.rpz-client-ip CNAME .\n",
			"+=domain a.example  70;address 203.0.113.7  70;network 198.51.100.0/24  70;address "
			"2001:db8:1::1  70;",
			0, NULL },
		{ "$TTL 1\n$INCLUDE other\ncom CNAME .\n*.com CNAME .\na.example CNAME .\n", "=domain a.example  70;",
			3, "2: $INCLUDE" },
	};
	READ_EACH(FEED_RPZ, cases, NULL);
}

static void bundles_and_events_as_people_write_them(void **state)
{
	(void)state;
	static const struct deviation stix[] = {
		{ "{\"type\":\"bundle\",\"objects\":[{\"type\":\"indicator\",\"id\":\"i--1\",\"pattern\":\"[domain-"
		  "name:value = 'good.example']\",\"indicator_types\":[\"benign\"]},"
		  "{\"type\":\"indicator\",\"id\":\"i--2\",\"pattern\":\"[domain-name:value = "
		  "'gone.example']\",\"revoked\":true},"
		  "{\"type\":\"indicator\",\"id\":\"i--3\",\"pattern\":\"[domain-name:value = "
		  "'old.example']\",\"valid_until\":\"2020-01-01T00:00:00Z\"},"
		  "{\"type\":\"indicator\",\"id\":\"i--4\",\"pattern\":\"[domain-name:value = 'a.example'] FOLLOWEDBY "
		  "[domain-name:value = 'b.example']\"}]}",
			"+domain good.example  70;", 1, "4: [domain-name" },
	};
	READ_EACH(FEED_AUTO, stix, NULL);
#define ATTRIBUTE(type, value) "{\"type\":\"" type "\",\"to_ids\":true,\"value\":\"" value "\"}"
	static const struct deviation misp[] = {
		{ "{\"Event\":{\"Galaxy\":[{\"type\":\"mitre-malware\",\"GalaxyCluster\":[{\"value\":\"TrickBot - "
		  "S0266\"}]}],\"Attribute\":["
		  "{\"type\":\"domain\",\"to_ids\":true,\"value\":\"a.example\",\"Galaxy\":[{\"type\":\"malpedia\","
		  "\"GalaxyCluster\":[{\"value\":\"Qakbot\"}]}]}," ATTRIBUTE(
			  "ip-dst|port", "203.0.113.1|443") "," ATTRIBUTE("ip-dst|port",
			  "203.0.113.2|99999") "," ATTRIBUTE("filename|md5",
			  "a|b.exe|d41d8cd98f00b204e9800998ecf8427e") "],"
								      "\"Object\":[{\"deleted\":true,\"Attribute\":"
								      "[" ATTRIBUTE("domain", "gone.example") "]}]}}",
			"domain a.example Qakbot 70;endpoint 203.0.113.1:443 TrickBot 70;file_md5 "
			"d41d8cd98f00b204e9800998ecf8427e TrickBot 70;",
			1, "3: 203.0.113.2|99999: not a port" },
	};
	READ_EACH(FEED_AUTO, misp, NULL);
}

static void what_comes_in_a_lists_stead_is_called_by_its_name(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		size_t len;
		const char *what;
	} cases[] = {
		{ "\n<!DOCTYPE html>\n<p>", 20, "an HTML page" },
		{ "<HTML>evil.example</HTML>", 25, "an HTML page" },
		{ "<?xml version=\"1.0\"?>", 21, "XML" },
		{ "PK\x03\x04 evil", 9, "a zip file" },
		{ "\xfd"
		  "7zXZ\0",
			6, "an xz file" },
		{ "\xff\xfe"
		  "e\0v\0",
			6, "UTF-16" },
		{ "evil.example\nb\0\n", 16, "binary" },
	};
	for (unsigned format = 0; format < FEED_FORMATS; format++)
		for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
			struct reading reading;
			begin(&reading, (enum feed_format)format);
			assert_false(read_bytes(&reading, cases[i].bytes, cases[i].len, NULL));
			assert_non_null(strstr(reading.error.text, cases[i].what));
			assert_int_equal(reading.taken.count, 0);
			end(&reading);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_lists_say_what_a_value_is_by_its_form),
		cmocka_unit_test(internationalised_names_become_a_labels),
		cmocka_unit_test(sloppy_entries_are_refused_with_a_reason),
		cmocka_unit_test(hosts_files_list_their_names_alone),
		cmocka_unit_test(csv_columns_are_found_by_number_and_name),
		cmocka_unit_test(csv_without_columns_is_guessed),
		cmocka_unit_test(scores_become_confidence),
		cmocka_unit_test(response_policy_zones),
		cmocka_unit_test(suricata_files),
		cmocka_unit_test(stix_bundles),
		cmocka_unit_test(one_relationship_without_a_target_is_left_out),
		cmocka_unit_test(a_file_of_nothing_but_brackets_is_refused_before_it_is_made),
		cmocka_unit_test(misp_events),
		cmocka_unit_test(files_that_are_not_what_they_should_be),
		cmocka_unit_test(endless_lines_cost_no_memory),
		cmocka_unit_test(plain_lists_as_people_write_them),
		cmocka_unit_test(what_is_written_is_read_as_the_same_again),
		cmocka_unit_test(hosts_files_as_people_write_them),
		cmocka_unit_test(csv_as_abuse_ch_writes_it),
		cmocka_unit_test(csv_rows_are_taken_whole_or_not),
		cmocka_unit_test(quotes_that_are_not_closed_cost_no_more),
		cmocka_unit_test(zones_as_people_write_them),
		cmocka_unit_test(bundles_and_events_as_people_write_them),
		cmocka_unit_test(what_comes_in_a_lists_stead_is_called_by_its_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
