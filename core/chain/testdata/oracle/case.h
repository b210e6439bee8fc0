/* Reads the cases that the tests write: one a line, fields separated by spaces,
 *   TIME PURPOSE NAME SENT... / ANCHOR...
 * with the time in seconds, the purpose server, client or any, "-" for no name, and certificates in hexadecimal DER. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MOST 400

struct der { unsigned char *data; size_t size; };

struct test_case {
    time_t at;
    char *purpose, *name;
    struct der sent[MOST], anchors[MOST];
    int sent_count, anchor_count;
};

static struct der unhex(char *text) {
    struct der d = { (unsigned char *) text, strlen(text) / 2 }; /* in place: two digits make one octet */
    for (size_t i = 0; i < d.size; i++) {
        char pair[3] = { text[2 * i], text[2 * i + 1], 0 };
        d.data[i] = (unsigned char) strtol(pair, NULL, 16);
    }
    return d;
}

/* next_case returns 0 at the end of the input. */
static int next_case(struct test_case *c) {
    static char *line;
    static size_t room;
    memset(c, 0, sizeof *c);
    if (getline(&line, &room, stdin) < 0)
        return 0;
    char *save, *word = strtok_r(line, " \n", &save);
    c->at = (time_t) atoll(word);
    c->purpose = strtok_r(NULL, " \n", &save);
    c->name = strtok_r(NULL, " \n", &save);
    if (strcmp(c->name, "-") == 0)
        c->name = NULL;
    int anchors = 0;
    while ((word = strtok_r(NULL, " \n", &save)) != NULL) {
        if (strcmp(word, "/") == 0)
            anchors = 1;
        else if (anchors && c->anchor_count < MOST)
            c->anchors[c->anchor_count++] = unhex(word);
        else if (!anchors && c->sent_count < MOST)
            c->sent[c->sent_count++] = unhex(word);
    }
    return 1;
}
