/* Says of each file named on the standard input what mbedTLS takes from it as trust anchors: the error number in
 * hexadecimal, or the common names in the order of the file. */
#include <mbedtls/version.h>
#include <mbedtls/x509_crt.h>
#include <stdio.h>
#include <string.h>

int main(void) {
    char path[4096];
    printf("%s\n", MBEDTLS_VERSION_STRING);
    fflush(stdout);
    while (fgets(path, sizeof path, stdin) != NULL) {
        mbedtls_x509_crt list;
        path[strcspn(path, "\n")] = 0;
        mbedtls_x509_crt_init(&list);
        int ret = mbedtls_x509_crt_parse_file(&list, path);
        if (ret < 0)
            printf("-0x%04x", -ret);
        printf("\t");
        for (mbedtls_x509_crt *c = &list; ret >= 0 && c != NULL && c->version != 0; c = c->next)
            printf("%.*s ", (int) c->subject.val.len, (char *) c->subject.val.p);
        printf("\n");
        fflush(stdout);
        mbedtls_x509_crt_free(&list);
    }
    return 0;
}
