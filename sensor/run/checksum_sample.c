// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/run/checksum_sample.h"
#include <stdlib.h>
#include <sys/stat.h>
#include "decoders/base/log.h"
#include "decoders/packet/decoder.h"
#include "sensor/capture/capture.h"
#include "sensor/config/config.h"

#define LOOKED_AT 4096 // looked at: not all have checksums

static void decode(struct packet_decoder *decoder, struct capture *capture, struct packet_batch *batch)
{
	struct capture_frame frame = { 0 };
	for (unsigned i = 0; i < LOOKED_AT && packet_decoder_judging(decoder); i++) {
		if (capture_next(capture, &frame) != CAPTURE_FRAME)
			break;
		packet_decode(decoder, frame.bytes, frame.wire_len, frame.ts_ns, frame.number, frame.linktype, batch);
	}
	packet_decoder_judge(decoder);
}

bool checksum_sample_offloaded(const struct sensor_config *config, const char *path)
{
	struct stat file;
	if (config->packet.checksum_mode != CHECKSUM_AUTO || stat(path, &file) != 0 || !S_ISREG(file.st_mode))
		return false;
	log_set_quiet(true); // the file is read again for good, and its faults are told then
	struct packet_decoder *decoder = packet_decoder_new(&config->packet);
	struct packet_batch *batch = calloc(1, sizeof(*batch));
	struct capture *capture = decoder && batch ? capture_open_files(&config->capture, path) : NULL;
	if (capture)
		decode(decoder, capture, batch);
	bool offloaded = capture && !packet_decoder_verifies(decoder);
	capture_close(capture);
	free(batch);
	packet_decoder_free(decoder);
	log_set_quiet(false);
	return offloaded;
}
