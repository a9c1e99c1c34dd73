# PID 1 of a container that is run with --init: starts the command, hands signals on to it, reaps every process whose parent has gone, and ends
# with the command's exit code. It is a whole ELF file of its own (no linker script, no libc, no data segment): one page of code and one of stack.
# eng/init/generate assembles it into src/Gantry.Engine/Init/InitProgram.X64.cs.
#
# Called as: docker-init -- COMMAND [ARGUMENT...]
# Exit codes of its own: 127 the command is not found, 126 it cannot be executed, 2 no command.
        .intel_syntax noprefix
        .set    SYS_write, 1
        .set    SYS_rt_sigprocmask, 14
        .set    SYS_ioctl, 16
        .set    SYS_getpid, 39
        .set    SYS_fork, 57
        .set    SYS_execve, 59
        .set    SYS_wait4, 61
        .set    SYS_kill, 62
        .set    SYS_setpgid, 109
        .set    SYS_rt_sigtimedwait, 128
        .set    SYS_exit_group, 231
        .set    SIGCHLD, 17
        .set    SIG_SETMASK, 2
        .set    TIOCSPGRP, 0x5410
        .set    WNOHANG, 1
        .set    ENOENT, 2
        .set    EACCES, 13
        .set    ENOTDIR, 20
        .set    BASE, 0x400000
        # The frame below rbp: where things lie.
        .set    ALL, 0                          # set of all signals
        .set    OLD, 8                          # the mask that this process was started with
        .set    STATUS, 16                      # what wait4 tells
        .set    GROUP, 24                       # process group of the command
        .set    PATH, 32                        # a path that is tried
        .set    PATH_END, PATH + 4096
        .set    FRAME, PATH_END + 32

# The ELF header (elf(5)): 64-bit, little-endian, executable, one segment and the note that the stack is not executable.
start:  .byte   0x7f, 'E', 'L', 'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0
        .2byte  2, 62                           # ET_EXEC, EM_X86_64
        .4byte  1
        .8byte  BASE + entry - start            # entry point
        .8byte  programs - start                # program headers
        .8byte  0                               # no section headers
        .4byte  0
        .2byte  64, 56, 2, 64, 0, 0             # sizes: this header, a program header, how many; sections
programs:
        .4byte  1, 5                            # PT_LOAD, readable and executable
        .8byte  0, BASE, BASE                   # the whole file
        .8byte  end - start, end - start
        .8byte  0x1000
        .4byte  0x6474e551, 6                   # PT_GNU_STACK, readable and writable
        .8byte  0, 0, 0, 0, 0, 16

entry:  mov     rbx, [rsp]                      # argc
        lea     r13, [rsp + 16]                 # &argv[1]
        lea     r14, [rsp + rbx * 8 + 16]       # environment
        sub     rsp, FRAME
        mov     rbp, rsp
        mov     rax, [r13]
        test    rax, rax
        jz      usage
        cmp     word ptr [rax], 0x2d2d          # "--"
        jne     ready
        cmp     byte ptr [rax + 2], 0
        jne     ready
        add     r13, 8
ready:  cmp     qword ptr [r13], 0
        je      usage

# All signals are blocked and taken one by one: nothing is missed, and no handler is needed. A blocked signal reaches even PID 1.
        mov     qword ptr [rbp + ALL], -1
        mov     edi, SIG_SETMASK
        lea     rsi, [rbp + ALL]
        lea     rdx, [rbp + OLD]
        mov     r10d, 8
        mov     eax, SYS_rt_sigprocmask
        syscall
        mov     eax, SYS_fork
        syscall
        test    eax, eax
        jz      child
        js      failed
        mov     ebx, eax                        # the command's process

next:   lea     rdi, [rbp + ALL]
        xor     esi, esi
        xor     edx, edx
        mov     r10d, 8
        mov     eax, SYS_rt_sigtimedwait
        syscall
        test    eax, eax
        jle     next
        cmp     eax, SIGCHLD
        je      reap
        mov     esi, eax                        # every other signal is for the command
        mov     edi, ebx
        mov     eax, SYS_kill
        syscall
        jmp     next

reap:   or      edi, -1                         # any child: those of the command, too, once it has left them
        lea     rsi, [rbp + STATUS]
        mov     edx, WNOHANG
        xor     r10d, r10d
        mov     eax, SYS_wait4
        syscall
        test    eax, eax
        jle     next
        cmp     eax, ebx
        jne     reap
        mov     edi, [rbp + STATUS]
        mov     eax, edi
        and     eax, 0x7f                       # the signal that ended it
        jnz     killed
        shr     edi, 8
        movzx   edi, dil
        jmp     exit
killed: lea     edi, [rax + 128]
        jmp     exit

# The command: a process group of its own, in the foreground of the terminal if there is one, and the signal mask of the start.
child:  xor     edi, edi
        xor     esi, esi
        mov     eax, SYS_setpgid
        syscall
        mov     eax, SYS_getpid
        syscall
        mov     [rbp + GROUP], eax
        xor     edi, edi
        mov     esi, TIOCSPGRP
        lea     rdx, [rbp + GROUP]
        mov     eax, SYS_ioctl
        syscall
        mov     edi, SIG_SETMASK
        lea     rsi, [rbp + OLD]
        xor     edx, edx
        mov     r10d, 8
        mov     eax, SYS_rt_sigprocmask
        syscall

# With a slash in its name it is tried as it is, else in each directory of PATH.
        mov     rdi, [r13]
slash:  mov     al, [rdi]
        test    al, al
        jz      search
        inc     rdi
        cmp     al, '/'
        jne     slash
        mov     rdi, [r13]
        call    try
        mov     r15d, eax
        jmp     report

search: mov     r15d, -ENOENT
        lea     r12, [rip + default]
        mov     rdx, r14
find:   mov     rsi, [rdx]
        add     rdx, 8
        test    rsi, rsi
        jz      directory                       # no PATH: the default
        cmp     dword ptr [rsi], 0x48544150     # "PATH"
        jne     find
        cmp     byte ptr [rsi + 4], '='
        jne     find
        lea     r12, [rsi + 5]

directory:
        lea     rdi, [rbp + PATH]
        lea     rcx, [rbp + PATH_END - 2]
letter: mov     al, [r12]
        test    al, al
        jz      name
        cmp     al, ':'
        je      name
        inc     r12
        cmp     rdi, rcx
        jae     letter                          # too long: cut, and so not found
        stosb
        jmp     letter
name:   lea     rax, [rbp + PATH]
        cmp     rdi, rax
        je      append                          # an empty entry is the working directory
        mov     al, '/'
        stosb
append: mov     rsi, [r13]
        lea     rcx, [rbp + PATH_END]
copy:   lodsb
        cmp     rdi, rcx
        jae     other
        stosb
        test    al, al
        jnz     copy
        lea     rdi, [rbp + PATH]
        call    try
        cmp     eax, -ENOENT
        je      other
        cmp     eax, -ENOTDIR
        je      other
        mov     r15d, eax                       # there, but not to be executed: that is told unless a later one is
        cmp     eax, -EACCES
        jne     report
other:  cmp     byte ptr [r12], 0
        je      report
        inc     r12
        jmp     directory

try:    mov     rsi, r13                        # rdi: the path; eax: why not
        mov     rdx, r14
        mov     eax, SYS_execve
        syscall
        ret

report: lea     rsi, [rip + prefix]
        mov     edx, offset prefix_end - prefix
        call    write
        mov     rsi, [r13]
        mov     rdi, rsi
        xor     eax, eax
        or      rcx, -1
        repne scasb                             # length of the name
        not     rcx
        lea     rdx, [rcx - 1]
        call    write
        mov     ebx, 126
        lea     rsi, [rip + refused]
        mov     edx, offset refused_end - refused
        cmp     r15d, -ENOENT
        jne     tell
        inc     ebx                             # 127
        lea     rsi, [rip + missing]
        mov     edx, offset missing_end - missing
tell:   call    write
        mov     edi, ebx
        jmp     exit

usage:  mov     edi, 2
        jmp     exit
failed: mov     edi, 126
exit:   mov     eax, SYS_exit_group
        syscall

write:  mov     edi, 2
        mov     eax, SYS_write
        syscall
        ret

default:
        .asciz  "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
prefix: .ascii  "docker-init: exec: \""
prefix_end:
missing:
        .ascii  "\": executable file not found in $PATH\n"
missing_end:
refused:
        .ascii  "\": cannot be executed\n"
refused_end:
end:
