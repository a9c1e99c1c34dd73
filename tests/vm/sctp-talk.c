/* sctp-talk listen PORT | connect ADDRESS PORT: says hello to whoever connects; prints what it hears. Nothing of Debian's small tools speaks SCTP. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int listens = argc == 3 && strcmp(argv[1], "listen") == 0;
    struct sockaddr_in address = { .sin_family = AF_INET };
    int s = socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP);
    if (s < 0 || (!listens && argc != 4))
        return perror("socket"), 1;
    address.sin_port = htons(atoi(argv[argc - 1]));
    if (!listens) {
        char heard[64] = "";
        inet_pton(AF_INET, argv[2], &address.sin_addr);
        alarm(10);
        if (connect(s, (struct sockaddr *)&address, sizeof address) < 0 || read(s, heard, sizeof heard - 1) <= 0)
            return perror("connect"), 1;
        return puts(heard) < 0;
    }
    if (bind(s, (struct sockaddr *)&address, sizeof address) < 0 || listen(s, 8) < 0)
        return perror("listen"), 1;
    for (;;) {
        int client = accept(s, NULL, NULL);
        if (client >= 0) {
            if (write(client, "hello", 5) != 5)
                perror("write");
            close(client);
        }
    }
}
