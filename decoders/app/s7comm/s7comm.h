// SPDX-License-Identifier: GPL-3.0-or-later
// S7comm: Siemens S7-300/400 controllers over ISO transport (RFC 1006: TPKT, COTP class 0; the protocol inside has no public specification). A job, or a request of
// user data, is a transaction with its answer, paired by PDU reference; either side may ask (a controller fetches the blocks of a download). The connection's request
// and answer are one too. S7comm-plus is named, and not read.
//
// Memory       worker's slab: facts, and the parts of a message spread over COTP data units, 64 KiB a direction
// Threads      worker of its flow
#pragma once
#include "decoders/app/fact/fact.h"
#include "decoders/base/bytes.h"

#define S7COMM_MESSAGE_MAX 65536
#define S7COMM_TOLD        24 // items, codes and values of a message

enum s7comm_fact {
	S7COMM_REFERENCE,
	S7COMM_SOURCE_REFERENCE, // of COTP
	S7COMM_PDU,              // of COTP, where a connection begins or ends
	S7COMM_SOURCE_TSAP,
	S7COMM_DESTINATION_TSAP,
	S7COMM_RACK,
	S7COMM_SLOT,
	S7COMM_ROSCTR,
	S7COMM_FUNCTION_CODE,
	S7COMM_FUNCTION,
	S7COMM_SUBFUNCTION_CODE,
	S7COMM_SUBFUNCTION,
	S7COMM_SERVICE,
	S7COMM_ARGUMENT,
	S7COMM_ITEM_COUNT,
	S7COMM_ITEM,
	S7COMM_VALUE,
	S7COMM_FILENAME,
	S7COMM_BLOCK_TYPE,
	S7COMM_BLOCK_NUMBER,
	S7COMM_FILESYSTEM,
	S7COMM_BLOCK_LENGTH,
	S7COMM_SESSION,
	S7COMM_SZL_ID,
	S7COMM_SZL_INDEX,
	S7COMM_PDU_LENGTH,
	S7COMM_RETURN,
	S7COMM_ERROR_CLASS,
	S7COMM_ERROR_CODE,
	S7COMM_PLUS,
};

extern const struct fact_name s7comm_facts[];
extern const struct app_parser s7comm_parser;

enum { S7COMM_JOB = 1, S7COMM_ACK = 2, S7COMM_ACK_DATA = 3, S7COMM_USERDATA = 7 };

// Parts of a message, as its header says they lie.
struct s7comm_message {
	uint8_t rosctr;
	uint16_t reference;
	uint8_t error_class, error_code; // of answers
	struct span parameters, data;
};

// False: broken, or of a kind there is not.
bool s7comm_message_read(struct span bytes, struct s7comm_message *out);
// What the parameters and data of m say. False: broken.
bool s7comm_read_job(const struct app_input *input, struct fact_tx *tx, const struct s7comm_message *m);
bool s7comm_read_answer(const struct app_input *input, struct fact_tx *tx, const struct s7comm_message *m);
bool s7comm_read_userdata(const struct app_input *input, struct fact_tx *tx, const struct s7comm_message *m);
// Type of user data: 4 a request, 8 an answer, 0 pushed; UINT8_MAX: broken.
uint8_t s7comm_userdata_type(const struct s7comm_message *m);
