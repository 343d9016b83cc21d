/* SPDX-License-Identifier: Apache-2.0
 *
 * pam-client: an application of PAM that does what it is told, answers from its command line, and
 * writes down what the modules say and return as lines of JSON.
 */
#ifndef TOYAMA_TESTS_VIRTUAL_PAM_CONVERSATION_H
#define TOYAMA_TESTS_VIRTUAL_PAM_CONVERSATION_H

#include <security/pam_appl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define SCRIPT_ANSWERS_MAX 32

/* How the person and the application behave. */
struct script {
    FILE *out;
    pam_handle_t *pamh;
    const char *answers[SCRIPT_ANSWERS_MAX];
    size_t answer_count;
    size_t next_answer;
    const char *command;  /* run by a shell at each message */
    const char *new_user; /* PAM_USER is set to it at each message */
    bool fail_info;       /* PAM_CONV_ERR for messages that want no answer */
    unsigned delay_ms;    /* before each answer */
};

void script_json_text(FILE *out, const char *text);
/* The conversation function; appdata_ptr is a struct script. */
int script_converse(int count, const struct pam_message **messages, struct pam_response **responses,
                    void *appdata_ptr);

#endif
