// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/decoders/history.h"
#include <dirent.h>
#include <string.h>

// A fuzz target has the name of its parser, but for these.
static const char *target_of(const struct app_parser *parser)
{
	return parser->proto == APP_BITTORRENT_DHT ? "dht" : parser->name;
}

static void read_pieces(struct history_seed *seed, size_t size)
{
	seed->tcp = seed->parser->tcp && (!seed->parser->udp || seed->bytes[0] & 1);
	seed->reversed = seed->bytes[0] & 2;
	seed->count = 0;
	for (size_t at = 1; at + 2 <= size && seed->count < HISTORY_PIECES;) {
		unsigned head = seed->bytes[at];
		size_t len = seed->bytes[at + 1] + ((size_t)(head & 0x38) << 5);
		at += 2;
		len = len < size - at ? len : size - at;
		seed->pieces[seed->count++] =
			(struct history_piece) { (enum direction)(head & 1), (uint32_t)len, seed->bytes + at };
		at += len;
	}
}

static void visit_folder(const struct app_parser *parser, void (*visit)(const struct history_seed *seed))
{
	static struct history_seed seed;
	char folder[256], path[640];
	snprintf(folder, sizeof(folder), PROJECT_DIR "/tests/fuzz/seeds/%s_fuzz", target_of(parser));
	DIR *dir = opendir(folder);
	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		FILE *file = entry->d_name[0] != '.' ? fopen(path, "rb") : NULL;
		if (!file)
			continue;
		seed.parser = parser;
		snprintf(seed.name, sizeof(seed.name), "%s/%s", target_of(parser), entry->d_name);
		size_t size = fread(seed.bytes, 1, sizeof(seed.bytes), file);
		fclose(file);
		if (size < 4)
			continue;
		read_pieces(&seed, size);
		visit(&seed);
	}
	if (dir)
		closedir(dir);
}

void history_each_seed(void (*visit)(const struct history_seed *seed))
{
	for (const struct app_parser *const *parser = app_parsers; *parser; parser++)
		visit_folder(*parser, visit);
}

static uint16_t port_of(const struct app_parser *parser)
{
	return parser->ports && parser->ports[0].proto ? parser->ports[0].from : 1234;
}

void history_open(struct app_drive *drive, const struct history_seed *seed)
{
	uint16_t port = port_of(seed->parser);
	*drive = (struct app_drive) { .config = { .file_window_bytes = 64 * KIB } };
	app_drive_open(drive, seed->parser, seed->tcp ? PROTO_TCP : PROTO_UDP, seed->reversed ? port : 40000,
		seed->reversed ? 40000 : port);
	drive->flow.app.tx_max = 1024; // app-layer.max-tx-hard
}

void history_open_plain(struct app_drive *drive, const struct app_parser *parser, bool tcp)
{
	*drive = (struct app_drive) { .config = { .file_window_bytes = 64 * KIB } };
	app_drive_open(drive, parser, tcp ? PROTO_TCP : PROTO_UDP, 40000, port_of(parser));
	drive->flow.app.tx_max = 1024;
}
