// trace FROM TO PROGRAM ARGUMENT...: prints where the first thread of a program is between two addresses, step by step, each 16 bytes once.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    uintptr_t from = strtoul(argv[1], 0, 16), to = strtoul(argv[2], 0, 16);
    uint8_t *seen = calloc((to - from) / 16 + 1, 1);
    pid_t child = fork();
    if (child == 0)
    {
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        execv(argv[3], argv + 3);
        _exit(127);
    }
    int status;
    waitpid(child, &status, 0);
    while (WIFSTOPPED(status))
    {
        struct user_regs_struct registers;
        ptrace(PTRACE_GETREGS, child, 0, &registers);
        uintptr_t at = registers.rip;
        if (at >= from && at < to && !seen[(at - from) / 16])
        {
            seen[(at - from) / 16] = 1;
            fprintf(stderr, "@%lx\n", (unsigned long)at);
        }
        int signal = WSTOPSIG(status) == 5 ? 0 : WSTOPSIG(status);
        if (ptrace(PTRACE_SINGLESTEP, child, 0, signal) < 0)
            break;
        waitpid(child, &status, __WALL);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
