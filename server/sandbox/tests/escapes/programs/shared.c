/* Memory, queues and locks that the kernel keeps by name: `shared KEY NAME`. */
#include "attempt.h"
#include <mqueue.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

int shared(int count, char **arguments) {
    if (count < 2) return 64;
    key_t key = atoi(arguments[0]);
    if (count > 2) { /* `shared KEY NAME make`: what is to be found. */
        char path[300];
        shmget(key, 4096, IPC_CREAT | 0666), semget(key, 1, IPC_CREAT | 0666), msgget(key, IPC_CREAT | 0666);
        mq_open(arguments[1], O_CREAT | O_RDWR, 0666, 0);
        snprintf(path, sizeof path, "/dev/shm%s", arguments[1]);
        close(open(path, O_CREAT | O_RDWR, 0666));
        if (strcmp(arguments[2], "remove") == 0) {
            shmctl(shmget(key, 0, 0), IPC_RMID, 0), semctl(semget(key, 0, 0), 0, IPC_RMID);
            msgctl(msgget(key, 0), IPC_RMID, 0), mq_unlink(arguments[1]), unlink(path);
        }
        return 0;
    }
    char path[300];
    snprintf(path, sizeof path, "/dev/shm%s", arguments[1]);
    say("shared memory", shmget(key, 0, 0));
    say("semaphores", semget(key, 0, 0));
    say("messages", msgget(key, 0));
    say("queue", mq_open(arguments[1], O_RDWR));
    say("/dev/shm", open(path, O_RDWR));
    return 0;
}
