// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/capture/pcap_stream.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define READ_BUFFER (256u << 10) // bytes asked of the kernel, or of zlib, at a time

static ssize_t gzip_read(void *cookie, char *buffer, size_t size)
{
	return gzread((gzFile)cookie, buffer, (unsigned)size);
}

static int gzip_close(void *cookie)
{
	return gzclose((gzFile)cookie) == Z_OK ? 0 : -1;
}

// gzread passes plain files through, but a plain file is read without zlib's copy. The gzip handle reads a duplicate of fd,
// which shares its offset: pcap_stream_progress asks fd.
static FILE *open_gzip(int fd)
{
	int own = dup(fd);
	gzFile gz = own < 0 ? NULL : gzdopen(own, "rb");
	if (!gz) {
		if (own >= 0)
			close(own);
		return NULL;
	}
	gzbuffer(gz, READ_BUFFER);
	FILE *file = fopencookie(gz, "r", (cookie_io_functions_t) { .read = gzip_read, .close = gzip_close });
	if (!file)
		gzclose(gz);
	return file;
}

// The C library takes a size only with a buffer of ours.
static FILE *open_plain(int fd, char **buffer)
{
	int own = dup(fd);
	FILE *file = own < 0 ? NULL : fdopen(own, "rb");
	if (!file && own >= 0)
		close(own);
	if (file && (*buffer = malloc(READ_BUFFER)))
		setvbuf(file, *buffer, _IOFBF, READ_BUFFER);
	return file;
}

bool pcap_stream_open(struct pcap_stream *stream, const char *path, char *error)
{
	*stream = (struct pcap_stream) { .fd = -1 };
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat about;
	if (fd < 0 || fstat(fd, &about) != 0) {
		snprintf(error, PCAP_ERRBUF_SIZE, "%s", strerror(errno));
		if (fd >= 0)
			close(fd);
		return false;
	}
	if (!S_ISREG(about.st_mode) && !S_ISFIFO(about.st_mode)) {
		snprintf(error, PCAP_ERRBUF_SIZE, "not a file");
		close(fd);
		return false;
	}
	unsigned char magic[2] = { 0 };
	bool gzip = S_ISREG(about.st_mode) && pread(fd, magic, 2, 0) == 2 && magic[0] == 0x1f && magic[1] == 0x8b;
	char *buffer = NULL;
	FILE *file = gzip ? open_gzip(fd) : open_plain(fd, &buffer);
	if (!file) {
		snprintf(error, PCAP_ERRBUF_SIZE, "%s", strerror(errno));
		close(fd);
		return false;
	}
	if (about.st_size == 0 && S_ISREG(about.st_mode)) {
		snprintf(error, PCAP_ERRBUF_SIZE, "the file is empty");
		fclose(file);
		free(buffer);
		close(fd);
		return false;
	}
	pcap_t *pcap = pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, error);
	if (!pcap) {
		fclose(file);
		free(buffer);
		close(fd);
		return false;
	}
	*stream = (struct pcap_stream) { pcap, file, buffer, fd, (uint64_t)about.st_size };
	return true;
}

double pcap_stream_progress(const struct pcap_stream *stream)
{
	off_t at = lseek(stream->fd, 0, SEEK_CUR);
	return at > 0 && stream->size ? (double)at / (double)stream->size : 0;
}

void pcap_stream_close(struct pcap_stream *stream)
{
	if (stream->pcap)
		pcap_close(stream->pcap); // closes file
	free(stream->buffer);
	if (stream->fd >= 0)
		close(stream->fd);
	*stream = (struct pcap_stream) { .fd = -1 };
}
