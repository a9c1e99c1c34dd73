// Written by eng/init/generate from eng/init/init-x64.s: change that, not this.
namespace Gantry.Engine.Init;

internal sealed partial class InitProgram
{
    /// <summary>The program for x86-64, an ELF file: its bytes, and behind each line of them the instruction that they are.</summary>
    private const string X64 =
        """
        7f 45 4c 46 02 01 01 00 00 00 00 00 00 00 00 00 // start: .byte 0x7f, 'E', 'L', 'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0
        02 00 3e 00 // .2byte 2, 62 # ET_EXEC, EM_X86_64
        01 00 00 00 // .4byte 1
        b0 00 40 00 00 00 00 00 // .8byte BASE + entry - start # entry point
        40 00 00 00 00 00 00 00 // .8byte programs - start # program headers
        00 00 00 00 00 00 00 00 // .8byte 0 # no section headers
        00 00 00 00 // .4byte 0
        40 00 38 00 02 00 40 00 00 00 00 00 // .2byte 64, 56, 2, 64, 0, 0 # sizes: this header, a program header, how many; sections
        01 00 00 00 05 00 00 00 // .4byte 1, 5 # PT_LOAD, readable and executable
        00 00 00 00 00 00 00 00 00 00 40 00 00 00 00 00 00 00 40 00 00 00 00 00 // .8byte 0, BASE, BASE # the whole file
        9f 03 00 00 00 00 00 00 9f 03 00 00 00 00 00 00 // .8byte end - start, end - start
        00 10 00 00 00 00 00 00 // .8byte 0x1000
        51 e5 74 64 06 00 00 00 // .4byte 0x6474e551, 6 # PT_GNU_STACK, readable and writable
        00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 // .8byte 0, 0, 0, 0, 0, 16
        00 00 00 00 00 00 00 00 10 00 00 00 00 00 00 00
        48 8b 1c 24 // entry: mov rbx, [rsp] # argc
        4c 8d 6c 24 10 // lea r13, [rsp + 16] # &argv[1]
        4c 8d 74 dc 10 // lea r14, [rsp + rbx * 8 + 16] # environment
        48 81 ec 40 10 00 00 // sub rsp, FRAME
        48 89 e5 // mov rbp, rsp
        49 8b 45 00 // mov rax, [r13]
        48 85 c0 // test rax, rax
        0f 84 1d 02 00 00 // jz usage
        66 81 38 2d 2d // cmp word ptr [rax], 0x2d2d # "--"
        75 0a // jne ready
        80 78 02 00 // cmp byte ptr [rax + 2], 0
        75 04 // jne ready
        49 83 c5 08 // add r13, 8
        49 83 7d 00 00 // ready: cmp qword ptr [r13], 0
        0f 84 01 02 00 00 // je usage
        48 c7 45 00 ff ff ff ff // mov qword ptr [rbp + ALL], -1
        bf 02 00 00 00 // mov edi, SIG_SETMASK
        48 8d 75 00 // lea rsi, [rbp + ALL]
        48 8d 55 08 // lea rdx, [rbp + OLD]
        41 ba 08 00 00 00 // mov r10d, 8
        b8 0e 00 00 00 // mov eax, SYS_rt_sigprocmask
        0f 05 // syscall
        b8 39 00 00 00 // mov eax, SYS_fork
        0f 05 // syscall
        85 c0 // test eax, eax
        74 72 // jz child
        0f 88 d5 01 00 00 // js failed
        89 c3 // mov ebx, eax # the command's process
        48 8d 7d 00 // next: lea rdi, [rbp + ALL]
        31 f6 // xor esi, esi
        31 d2 // xor edx, edx
        41 ba 08 00 00 00 // mov r10d, 8
        b8 80 00 00 00 // mov eax, SYS_rt_sigtimedwait
        0f 05 // syscall
        85 c0 // test eax, eax
        7e e7 // jle next
        83 f8 11 // cmp eax, SIGCHLD
        74 0d // je reap
        89 c6 // mov esi, eax # every other signal is for the command
        89 df // mov edi, ebx
        b8 3e 00 00 00 // mov eax, SYS_kill
        0f 05 // syscall
        eb d5 // jmp next
        83 cf ff // reap: or edi, -1 # any child: those of the command, too, once it has left them
        48 8d 75 10 // lea rsi, [rbp + STATUS]
        ba 01 00 00 00 // mov edx, WNOHANG
        45 31 d2 // xor r10d, r10d
        b8 3d 00 00 00 // mov eax, SYS_wait4
        0f 05 // syscall
        85 c0 // test eax, eax
        7e bb // jle next
        39 d8 // cmp eax, ebx
        75 e2 // jne reap
        8b 7d 10 // mov edi, [rbp + STATUS]
        89 f8 // mov eax, edi
        83 e0 7f // and eax, 0x7f # the signal that ended it
        75 0c // jnz killed
        c1 ef 08 // shr edi, 8
        40 0f b6 ff // movzx edi, dil
        e9 79 01 00 00 // jmp exit
        8d b8 80 00 00 00 // killed: lea edi, [rax + 128]
        e9 6e 01 00 00 // jmp exit
        31 ff // child: xor edi, edi
        31 f6 // xor esi, esi
        b8 6d 00 00 00 // mov eax, SYS_setpgid
        0f 05 // syscall
        b8 27 00 00 00 // mov eax, SYS_getpid
        0f 05 // syscall
        89 45 18 // mov [rbp + GROUP], eax
        31 ff // xor edi, edi
        be 10 54 00 00 // mov esi, TIOCSPGRP
        48 8d 55 18 // lea rdx, [rbp + GROUP]
        b8 10 00 00 00 // mov eax, SYS_ioctl
        0f 05 // syscall
        bf 02 00 00 00 // mov edi, SIG_SETMASK
        48 8d 75 08 // lea rsi, [rbp + OLD]
        31 d2 // xor edx, edx
        41 ba 08 00 00 00 // mov r10d, 8
        b8 0e 00 00 00 // mov eax, SYS_rt_sigprocmask
        0f 05 // syscall
        49 8b 7d 00 // mov rdi, [r13]
        8a 07 // slash: mov al, [rdi]
        84 c0 // test al, al
        74 18 // jz search
        48 ff c7 // inc rdi
        3c 2f // cmp al, '/'
        75 f3 // jne slash
        49 8b 7d 00 // mov rdi, [r13]
        e8 a1 00 00 00 // call try
        41 89 c7 // mov r15d, eax
        e9 a7 00 00 00 // jmp report
        41 bf fe ff ff ff // search: mov r15d, -ENOENT
        4c 8d 25 14 01 00 00 // lea r12, [rip + default]
        4c 89 f2 // mov rdx, r14
        48 8b 32 // find: mov rsi, [rdx]
        48 83 c2 08 // add rdx, 8
        48 85 f6 // test rsi, rsi
        74 12 // jz directory # no PATH: the default
        81 3e 50 41 54 48 // cmp dword ptr [rsi], 0x48544150 # "PATH"
        75 ec // jne find
        80 7e 04 3d // cmp byte ptr [rsi + 4], '='
        75 e6 // jne find
        4c 8d 66 05 // lea r12, [rsi + 5]
        48 8d 7d 20 // lea rdi, [rbp + PATH]
        48 8d 8d 1e 10 00 00 // lea rcx, [rbp + PATH_END - 2]
        41 8a 04 24 // letter: mov al, [r12]
        84 c0 // test al, al
        74 0f // jz name
        3c 3a // cmp al, ':'
        74 0b // je name
        49 ff c4 // inc r12
        48 39 cf // cmp rdi, rcx
        73 ec // jae letter # too long: cut, and so not found
        aa // stosb
        eb e9 // jmp letter
        48 8d 45 20 // name: lea rax, [rbp + PATH]
        48 39 c7 // cmp rdi, rax
        74 03 // je append # an empty entry is the working directory
        b0 2f // mov al, '/'
        aa // stosb
        49 8b 75 00 // append: mov rsi, [r13]
        48 8d 8d 20 10 00 00 // lea rcx, [rbp + PATH_END]
        ac // copy: lodsb
        48 39 cf // cmp rdi, rcx
        73 20 // jae other
        aa // stosb
        84 c0 // test al, al
        75 f5 // jnz copy
        48 8d 7d 20 // lea rdi, [rbp + PATH]
        e8 1e 00 00 00 // call try
        83 f8 fe // cmp eax, -ENOENT
        74 0d // je other
        83 f8 ec // cmp eax, -ENOTDIR
        74 08 // je other
        41 89 c7 // mov r15d, eax # there, but not to be executed: that is told unless a later one is
        83 f8 f3 // cmp eax, -EACCES
        75 1a // jne report
        41 80 3c 24 00 // other: cmp byte ptr [r12], 0
        74 13 // je report
        49 ff c4 // inc r12
        eb 95 // jmp directory
        4c 89 ee // try: mov rsi, r13 # rdi: the path; eax: why not
        4c 89 f2 // mov rdx, r14
        b8 3b 00 00 00 // mov eax, SYS_execve
        0f 05 // syscall
        c3 // ret
        48 8d 35 b0 00 00 00 // report: lea rsi, [rip + prefix]
        ba 14 00 00 00 // mov edx, offset prefix_end - prefix
        e8 5c 00 00 00 // call write
        49 8b 75 00 // mov rsi, [r13]
        48 89 f7 // mov rdi, rsi
        31 c0 // xor eax, eax
        48 83 c9 ff // or rcx, -1
        f2 ae // repne scasb # length of the name
        48 f7 d1 // not rcx
        48 8d 51 ff // lea rdx, [rcx - 1]
        e8 41 00 00 00 // call write
        bb 7e 00 00 00 // mov ebx, 126
        48 8d 35 b9 00 00 00 // lea rsi, [rip + refused]
        ba 16 00 00 00 // mov edx, offset refused_end - refused
        41 83 ff fe // cmp r15d, -ENOENT
        75 0e // jne tell
        ff c3 // inc ebx # 127
        48 8d 35 7f 00 00 00 // lea rsi, [rip + missing]
        ba 26 00 00 00 // mov edx, offset missing_end - missing
        e8 17 00 00 00 // tell: call write
        89 df // mov edi, ebx
        eb 0c // jmp exit
        bf 02 00 00 00 // usage: mov edi, 2
        eb 05 // jmp exit
        bf 7e 00 00 00 // failed: mov edi, 126
        b8 e7 00 00 00 // exit: mov eax, SYS_exit_group
        0f 05 // syscall
        bf 02 00 00 00 // write: mov edi, 2
        b8 01 00 00 00 // mov eax, SYS_write
        0f 05 // syscall
        c3 // ret
        2f 75 73 72 2f 6c 6f 63 61 6c 2f 73 62 69 6e 3a 2f 75 73 72 2f 6c 6f 63 61 6c 2f 62 69 6e 3a 2f // .asciz "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        75 73 72 2f 73 62 69 6e 3a 2f 75 73 72 2f 62 69 6e 3a 2f 73 62 69 6e 3a 2f 62 69 6e 00
        64 6f 63 6b 65 72 2d 69 6e 69 74 3a 20 65 78 65 63 3a 20 22 // prefix: .ascii "docker-init: exec: \""
        22 3a 20 65 78 65 63 75 74 61 62 6c 65 20 66 69 6c 65 20 6e 6f 74 20 66 6f 75 6e 64 20 69 6e 20 // .ascii "\": executable file not found in $PATH\n"
        24 50 41 54 48 0a
        22 3a 20 63 61 6e 6e 6f 74 20 62 65 20 65 78 65 63 75 74 65 64 0a // .ascii "\": cannot be executed\n"
        """;
}
