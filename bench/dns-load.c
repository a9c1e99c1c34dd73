// dns-load ADDRESS NAME SECONDS [WINDOW]: asks a server at port 53 for the IPv4 address of a name over UDP, with WINDOW questions under way at
// any time (default 64), and prints how many it answered in a second. To be run inside a container's network namespace. Ends with 1 when an
// answer has no address in it, or none comes.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { MOST = 256, SIZE = 512, SOCKETS = 4 };

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static int write_question(unsigned char *question, const char *name)
{
    static const unsigned char head[12] = {0, 0, 1, 0, 0, 1}, tail[5] = {0, 0, 1, 0, 1};
    int length = sizeof head;
    memcpy(question, head, sizeof head);
    while (*name) {
        int label = strcspn(name, ".");
        question[length++] = label;
        memcpy(question + length, name, label);
        length += label;
        name += label + (name[label] == '.');
    }
    memcpy(question + length, tail, sizeof tail);
    return length + sizeof tail;
}

int main(int count, char **arguments)
{
    static unsigned char answers[MOST][SIZE], question[SIZE];
    static struct mmsghdr messages[MOST];
    static struct iovec vectors[MOST];
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(53)};
    if (count < 4 || strlen(arguments[2]) > 250 || inet_pton(AF_INET, arguments[1], &server.sin_addr) != 1) {
        fprintf(stderr, "usage: dns-load ADDRESS NAME SECONDS [WINDOW]\n");
        return 2;
    }
    int length = write_question(question, arguments[2]), window = count > 4 ? atoi(arguments[4]) : 64;
    window = (window < SOCKETS ? SOCKETS : window > MOST ? MOST : window) / SOCKETS;
    struct pollfd sockets[SOCKETS];
    int due[SOCKETS];
    for (int i = 0; i < SOCKETS; i++) {
        sockets[i] = (struct pollfd){.fd = socket(AF_INET, SOCK_DGRAM, 0), .events = POLLIN};
        if (connect(sockets[i].fd, (struct sockaddr *)&server, sizeof server)) {
            perror("connect");
            return 1;
        }
        due[i] = window;
    }
    long answered = 0, lost = 0;
    double start = now(), end = start + atof(arguments[3]);
    while (now() < end) {
        for (int i = 0; i < SOCKETS; i++) {
            for (int j = 0; j < due[i]; j++) {
                vectors[j] = (struct iovec){question, length};
                messages[j].msg_hdr = (struct msghdr){.msg_iov = &vectors[j], .msg_iovlen = 1};
            }
            if (due[i] > 0)
                sendmmsg(sockets[i].fd, messages, due[i], 0);
            due[i] = 0;
        }
        if (poll(sockets, SOCKETS, 1000) == 0) {
            // What is under way is taken for lost.
            lost += window * SOCKETS;
            for (int i = 0; i < SOCKETS; i++)
                due[i] = window;
            if (answered == 0)
                break;
            continue;
        }
        for (int i = 0; i < SOCKETS; i++) {
            if (!(sockets[i].revents & POLLIN))
                continue;
            for (int j = 0; j < window; j++) {
                vectors[j] = (struct iovec){answers[j], SIZE};
                messages[j].msg_hdr = (struct msghdr){.msg_iov = &vectors[j], .msg_iovlen = 1};
            }
            int got = recvmmsg(sockets[i].fd, messages, window, MSG_DONTWAIT, NULL);
            for (int j = 0; j < got; j++) {
                if (messages[j].msg_len < 12 || (answers[j][3] & 15) != 0 || answers[j][7] == 0) {
                    fprintf(stderr, "an answer without an address, code %d\n", answers[j][3] & 15);
                    return 1;
                }
            }
            if (got > 0) {
                answered += got;
                due[i] = got;
            }
        }
    }
    printf("%.0f questions a second, %ld lost\n", answered / (now() - start), lost);
    return answered == 0;
}
