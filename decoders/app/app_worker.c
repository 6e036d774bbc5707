// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/app_layer.h"
#include "decoders/app/expect.h"
#include "decoders/app/files/file.h"

bool app_worker_init(struct app_worker *worker, const struct app_config *config, struct slab *slab)
{
	unsigned want = (config->hash_md5 ? FILE_WANT_MD5 : 0) | (config->hash_sha1 ? FILE_WANT_SHA1 : 0) |
			(config->hash_sha256 ? FILE_WANT_SHA256 : 0) | (config->magic ? FILE_WANT_MAGIC : 0);
	worker->slab = slab;
	worker->files = file_tools_new((uint8_t)want, (uint32_t)config->file_window_bytes);
	worker->expect = app_expect_new();
	return worker->files && worker->expect;
}

void app_worker_fini(struct app_worker *worker)
{
	file_tools_free(worker->files);
	app_expect_free(worker->expect);
	*worker = (struct app_worker) { 0 };
}
