/**
 * Names of Linux's system calls as strace prints them, of all 32-bit and 64-bit architectures that people trace
 * (arch/x86/entry/syscalls/syscall_{32,64}.tbl and include/uapi/asm-generic/unistd.h of Linux 6.6, old_mmap and
 * old_select as strace calls those of the i386). They tell a strace from other lists of calls.
 */
export const SYSTEM_CALLS: ReadonlySet<string> = new Set(
  `
  _llseek _newselect accept accept4 access acct add_key adjtimex alarm arch_prctl arm_fadvise64_64 bind bpf
  brk cacheflush capget capset chdir chmod chown chown32 chroot clock_adjtime clock_getres clock_gettime
  clock_nanosleep clock_settime clone clone2 clone3 close close_range connect copy_file_range creat
  delete_module dup dup2 dup3 epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2
  epoll_wait eventfd eventfd2 execve execveat exit exit_group faccessat faccessat2 fadvise64 fadvise64_64
  fallocate fanotify_init fanotify_mark fchdir fchmod fchmodat fchmodat2 fchown fchown32 fchownat fcntl
  fcntl64 fdatasync fgetxattr finit_module flistxattr flock fork fremovexattr fsconfig fsetxattr fsmount
  fsopen fspick fstat fstat64 fstatat64 fstatfs fstatfs64 fsync ftruncate ftruncate64 futex futex_waitv
  futimesat get_mempolicy get_robust_list get_thread_area getcpu getcwd getdents getdents64 getegid getegid32
  geteuid geteuid32 getgid getgid32 getgroups getgroups32 getitimer getpeername getpgid getpgrp getpid getpmsg
  getppid getpriority getrandom getresgid getresgid32 getresuid getresuid32 getrlimit getrusage getsid
  getsockname getsockopt gettid gettimeofday getuid getuid32 getxattr init_module inotify_add_watch
  inotify_init inotify_init1 inotify_rm_watch io_cancel io_destroy io_getevents io_pgetevents io_setup
  io_submit io_uring_enter io_uring_register io_uring_setup ioctl ioperm iopl ioprio_get ioprio_set ipc kcmp
  kexec_load keyctl kill landlock_add_rule landlock_create_ruleset landlock_restrict_self lchown lchown32
  lgetxattr link linkat listen listxattr llistxattr lookup_dcookie lremovexattr lseek lsetxattr lstat lstat64
  madvise map_shadow_stack mbind membarrier memfd_create memfd_secret migrate_pages mincore mkdir mkdirat
  mknod mknodat mlock mlock2 mlockall mmap mmap2 modify_ldt mount mount_setattr move_mount move_pages mprotect
  mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedsend mq_unlink mremap mseal msgctl msgget msgrcv
  msgsnd msync munlock munlockall munmap name_to_handle_at nanosleep newfstatat nice old_mmap old_select
  oldfstat oldlstat oldstat olduname open open_by_handle_at open_tree openat openat2 pause perf_event_open
  personality pidfd_getfd pidfd_open pidfd_send_signal pipe pipe2 pivot_root pkey_alloc pkey_free
  pkey_mprotect poll ppoll prctl pread pread64 preadv preadv2 prlimit64 process_madvise process_mrelease
  process_vm_readv process_vm_writev pselect6 ptrace pwrite pwrite64 pwritev pwritev2 quotactl quotactl_fd
  read readahead readlink readlinkat readv reboot recv recvfrom recvmmsg recvmsg remap_file_pages removexattr
  rename renameat renameat2 request_key restart_syscall riscv_flush_icache rmdir rseq rt_sigaction
  rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo
  sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr sched_getparam
  sched_getscheduler sched_rr_get_interval sched_setaffinity sched_setattr sched_setparam sched_setscheduler
  sched_yield seccomp select semctl semget semop semtimedop send sendfile sendfile64 sendmmsg sendmsg sendto
  set_mempolicy set_mempolicy_home_node set_robust_list set_thread_area set_tid_address set_tls setdomainname
  setfsgid setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups setgroups32 sethostname setitimer setns
  setpgid setpriority setregid setregid32 setresgid setresgid32 setresuid setresuid32 setreuid setreuid32
  setrlimit setsid setsockopt settimeofday setuid setuid32 setxattr shmat shmctl shmdt shmget shutdown
  sigaction sigaltstack signal signalfd signalfd4 sigpending sigprocmask sigreturn sigsuspend socket
  socketcall socketpair splice stat stat64 statfs statfs64 statx stime swapoff swapon symlink symlinkat sync
  sync_file_range sync_file_range2 syncfs sysfs sysinfo syslog tee tgkill time timer_create timer_delete
  timer_getoverrun timer_gettime timer_settime timerfd_create timerfd_gettime timerfd_settime times tkill
  truncate truncate64 ugetrlimit umask umount umount2 uname unlink unlinkat unshare uselib userfaultfd ustat
  utime utimensat utimes vfork vhangup vm86 vm86old vmsplice wait4 waitid waitpid write writev
`
    .trim()
    .split(/\s+/),
);
