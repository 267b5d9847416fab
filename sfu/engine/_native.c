/* The thin module around the core: one type, `Core`. Encoded bytes go in and out (wire.py); what
 * they mean is known on both sides of this file, not here. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <math.h>

#include "core/engine.h"
#include "core/thread.h"

enum { SCRATCH = 2048 }; /* bytes; the core works in place on what it receives */

struct core {
    PyObject_HEAD
    struct engine *engine;
    struct thread *thread; /* NULL unless the engine has a thread of its own */
    bool busy;             /* a call is inside that may have let go of the GIL */
    PyObject *datagrams;   /* of the `handle` that runs; NULL once it has failed */
};

static struct core *as_core(PyObject *self) {
    return (struct core *)self;
}

static PyObject *take_bytes(struct buffer *buffer) {
    PyObject *bytes = PyBytes_FromStringAndSize((const char *)buffer->data,
                                                (Py_ssize_t)buffer->size);
    buffer_free(buffer);
    return bytes;
}

/* Life */

static bool read_functions(PyObject *functions, struct srtp_library *library) {
    void *pointers[5];
    for (Py_ssize_t i = 0; i < 5; i++) {
        pointers[i] = PyLong_AsVoidPtr(PyTuple_GET_ITEM(functions, i));
        if (PyErr_Occurred())
            return false;
    }
    *library = (struct srtp_library){
        .protect = (srtp_function)pointers[0],
        .unprotect = (srtp_function)pointers[1],
        .protect_rtcp = (srtp_function)pointers[2],
        .unprotect_rtcp = (srtp_function)pointers[3],
        .deallocate = (int (*)(void *))pointers[4],
    };
    return true;
}

static PyObject *core_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"functions", "unix_at_zero", NULL};
    PyObject *functions;
    double unix_at_zero;
    struct srtp_library library;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O!d:Core", names, &PyTuple_Type, &functions,
                                     &unix_at_zero))
        return NULL;
    if (PyTuple_GET_SIZE(functions) != 5) {
        PyErr_SetString(PyExc_ValueError, "five functions are needed");
        return NULL;
    }
    if (!read_functions(functions, &library))
        return NULL;
    PyObject *self = type->tp_alloc(type, 0);
    if (!self)
        return NULL;
    as_core(self)->engine = engine_new(&library, unix_at_zero);
    if (as_core(self)->engine)
        return self;
    Py_DECREF(self);
    return PyErr_NoMemory();
}

/* Two Python threads must not meet in here. Every call is either short and keeps the GIL, or says
 * that it is inside. */
static bool is_free(const struct core *core) {
    if (core->busy)
        PyErr_SetString(PyExc_RuntimeError, "another thread is using the engine");
    return !core->busy;
}

static void stop_thread(struct core *core, struct buffer *last) {
    if (!core->thread)
        return;
    core->busy = true;
    Py_BEGIN_ALLOW_THREADS
    thread_stop(core->thread, last);
    Py_END_ALLOW_THREADS
    core->thread = NULL;
    core->busy = false;
}

static void core_dealloc(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    struct core *core = as_core(self);
    struct buffer last = {0};
    stop_thread(core, &last);
    buffer_free(&last);
    if (core->engine)
        engine_free(core->engine);
    type->tp_free(self);
    Py_DECREF(type);
}

/* Without a thread: one round, in the caller's time */

static void collect(void *context, const struct outgoing *burst, size_t count) {
    struct core *core = context;
    for (size_t i = 0; core->datagrams && i < count; i++) {
        PyObject *pair = Py_BuildValue("(y#y#)", (const char *)burst[i].to,
                                       (Py_ssize_t)ADDRESS_SIZE, (const char *)burst[i].data,
                                       (Py_ssize_t)burst[i].size);
        if (!pair || PyList_Append(core->datagrams, pair) < 0)
            Py_CLEAR(core->datagrams); /* the exception is set */
        Py_XDECREF(pair);
    }
}

static bool receive_one(struct core *core, PyObject *item) {
    _Alignas(16) uint8_t scratch[SCRATCH];
    Py_buffer address, data;
    if (!PyTuple_Check(item) || !PyArg_ParseTuple(item, "y*y*", &address, &data)) {
        if (!PyErr_Occurred())
            PyErr_SetString(PyExc_TypeError, "a batch has tuples of address and datagram");
        return false;
    }
    bool good = address.len == ADDRESS_SIZE;
    if (good) {
        /* What is longer than the scratch is longer than MAX_DATAGRAM: only its length counts. */
        memcpy(scratch, data.buf, data.len < SCRATCH ? (size_t)data.len : SCRATCH);
        engine_receive(core->engine, address.buf, scratch, (size_t)data.len);
    } else {
        PyErr_SetString(PyExc_ValueError, "an address has 34 bytes");
    }
    PyBuffer_Release(&address);
    PyBuffer_Release(&data);
    return good;
}

static bool receive_all(struct core *core, PyObject *batch) {
    PyObject *items = PySequence_Fast(batch, "a batch is a sequence");
    bool good = items != NULL;
    for (Py_ssize_t i = 0; good && i < PySequence_Fast_GET_SIZE(items); i++)
        good = receive_one(core, PySequence_Fast_GET_ITEM(items, i));
    Py_XDECREF(items);
    return good;
}

static bool run_round(struct core *core, double now, const Py_buffer *commands, PyObject *batch,
                      double *wake_at) {
    engine_set_egress(core->engine, collect, core);
    engine_begin(core->engine, now);
    bool good = engine_command(core->engine, commands->buf, (size_t)commands->len);
    if (!good)
        PyErr_SetString(PyExc_ValueError, "malformed commands");
    if (!good || !receive_all(core, batch))
        Py_CLEAR(core->datagrams); /* the round is brought to its end all the same */
    *wake_at = engine_end(core->engine);
    engine_set_egress(core->engine, NULL, NULL);
    return core->datagrams != NULL;
}

static PyObject *take_output(struct core *core, double wake_at) {
    struct buffer events = {0};
    engine_take_events(core->engine, &events);
    PyObject *encoded = take_bytes(&events);
    PyObject *when = isinf(wake_at) ? Py_NewRef(Py_None) : PyFloat_FromDouble(wake_at);
    PyObject *datagrams = core->datagrams;
    core->datagrams = NULL;
    return Py_BuildValue("(NNN)", datagrams, encoded, when);
}

static PyObject *core_handle(PyObject *self, PyObject *args) {
    struct core *core = as_core(self);
    double now, wake_at;
    Py_buffer commands;
    PyObject *batch;
    if (!is_free(core))
        return NULL;
    if (core->thread) {
        PyErr_SetString(PyExc_RuntimeError, "the engine runs in a thread of its own");
        return NULL;
    }
    if (!PyArg_ParseTuple(args, "dy*O:handle", &now, &commands, &batch))
        return NULL;
    core->busy = true;
    core->datagrams = PyList_New(0);
    bool good = core->datagrams && run_round(core, now, &commands, batch, &wake_at);
    core->busy = false;
    PyBuffer_Release(&commands);
    return good ? take_output(core, wake_at) : NULL;
}

/* In a thread of its own */

static PyObject *core_start(PyObject *self, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"socket", "events", "segment", NULL};
    struct core *core = as_core(self);
    int socket, events, segment = 1;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "ii|p:start", names, &socket, &events,
                                     &segment) ||
        !is_free(core))
        return NULL;
    if (core->thread) {
        PyErr_SetString(PyExc_RuntimeError, "the engine runs already");
        return NULL;
    }
    core->thread = thread_start(core->engine, socket, events, segment);
    if (!core->thread)
        return PyErr_SetFromErrno(PyExc_OSError);
    Py_RETURN_NONE;
}

static bool is_running(const struct core *core) {
    if (!is_free(core))
        return false;
    if (!core->thread)
        PyErr_SetString(PyExc_RuntimeError, "the engine has no thread of its own");
    return core->thread != NULL;
}

static PyObject *core_post(PyObject *self, PyObject *args) {
    struct core *core = as_core(self);
    Py_buffer commands;
    if (!PyArg_ParseTuple(args, "y*:post", &commands))
        return NULL;
    bool running = is_running(core);
    bool taken = running && thread_post(core->thread, commands.buf, (size_t)commands.len);
    PyBuffer_Release(&commands);
    if (taken)
        Py_RETURN_NONE;
    if (running)
        PyErr_SetString(PyExc_BufferError, "too many commands wait for the engine");
    return NULL;
}

static PyObject *core_take_events(PyObject *self, PyObject *Py_UNUSED(args)) {
    struct core *core = as_core(self);
    struct buffer events = {0};
    if (!is_running(core))
        return NULL;
    thread_take_events(core->thread, &events);
    return take_bytes(&events);
}

static PyObject *core_notices(PyObject *self, PyObject *Py_UNUSED(args)) {
    struct core *core = as_core(self);
    return is_running(core) ? PyLong_FromUnsignedLong(thread_notices(core->thread)) : NULL;
}

static PyObject *core_stop(PyObject *self, PyObject *Py_UNUSED(args)) {
    struct buffer last = {0};
    if (!is_free(as_core(self)))
        return NULL;
    stop_thread(as_core(self), &last);
    return take_bytes(&last);
}

/* With and without */

typedef void (*snapshot)(const struct engine *engine, struct buffer *into);
typedef bool (*thread_snapshot)(struct thread *thread, struct buffer *into);

static bool make_snapshot(struct core *core, snapshot make, thread_snapshot ask,
                          struct buffer *into) {
    bool good;
    if (!core->thread) {
        make(core->engine, into);
        return true;
    }
    core->busy = true;
    Py_BEGIN_ALLOW_THREADS
    good = ask(core->thread, into);
    Py_END_ALLOW_THREADS
    core->busy = false;
    return good;
}

static PyObject *take_snapshot(struct core *core, snapshot make, thread_snapshot ask) {
    struct buffer made = {0};
    if (!is_free(core))
        return NULL;
    if (make_snapshot(core, make, ask, &made))
        return take_bytes(&made);
    buffer_free(&made);
    PyErr_SetString(PyExc_TimeoutError, "the engine did not answer");
    return NULL;
}

static PyObject *core_stats(PyObject *self, PyObject *Py_UNUSED(args)) {
    return take_snapshot(as_core(self), engine_stats, thread_stats);
}

static PyObject *core_totals(PyObject *self, PyObject *Py_UNUSED(args)) {
    return take_snapshot(as_core(self), engine_totals, thread_totals);
}

static PyObject *core_load(PyObject *self, PyObject *Py_UNUSED(args)) {
    struct core *core = as_core(self);
    if (!is_running(core))
        return NULL;
    struct thread_load load = thread_load(core->thread);
    PyObject *delays = PyTuple_New(DELAYS + 1);
    if (!delays)
        return NULL;
    for (int i = 0; i <= DELAYS; i++) {
        PyObject *count = PyLong_FromUnsignedLongLong(load.delays[i]);
        if (!count) {
            Py_DECREF(delays);
            return NULL;
        }
        PyTuple_SET_ITEM(delays, i, count);
    }
    return Py_BuildValue("(dNd)", load.cpu, delays, load.delay_sum);
}

static PyMethodDef core_methods[] = {
    {"handle", core_handle, METH_VARARGS, "One round: (datagrams, events, wake_at)."},
    {"start", (PyCFunction)(void (*)(void))core_start, METH_VARARGS | METH_KEYWORDS,
     "Run on a socket in a thread of its own."},
    {"post", core_post, METH_VARARGS, "Queue commands for the thread."},
    {"take_events", core_take_events, METH_NOARGS, "What the thread has to tell."},
    {"notices", core_notices, METH_NOARGS, "Bits of core/thread.h."},
    {"stop", core_stop, METH_NOARGS, "End the thread; the events nobody has taken."},
    {"stats", core_stats, METH_NOARGS, "An encoded snapshot of all counters."},
    {"totals", core_totals, METH_NOARGS, "An encoded snapshot of the sums."},
    {"load", core_load, METH_NOARGS, "What the thread has had to do."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot core_slots[] = {
    {Py_tp_new, core_new},
    {Py_tp_dealloc, core_dealloc},
    {Py_tp_methods, core_methods},
    {Py_tp_doc, "One engine of the native core."},
    {0, NULL},
};

static PyType_Spec core_spec = {
    .name = "sfu.engine._native.Core",
    .basicsize = sizeof(struct core),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = core_slots,
};

/* The module */

static PyObject *run_srtp(PyObject *Py_UNUSED(module), PyObject *args) {
    unsigned long long function, session;
    Py_buffer packet;
    _Alignas(16) uint8_t scratch[SCRATCH + SRTP_TRAILER];
    if (!PyArg_ParseTuple(args, "KKy*:run_srtp", &function, &session, &packet))
        return NULL;
    size_t size = (size_t)packet.len;
    enum drop refused = DROP_OVERSIZED;
    if (size <= SCRATCH) {
        memcpy(scratch, packet.buf, size);
        refused = srtp_run((srtp_function)(uintptr_t)function, (void *)(uintptr_t)session, scratch,
                           &size);
    }
    PyBuffer_Release(&packet);
    if (refused == NO_DROP)
        return PyBytes_FromStringAndSize((const char *)scratch, (Py_ssize_t)size);
    PyErr_SetString(PyExc_ValueError, "libsrtp refused the packet");
    return NULL;
}

static PyMethodDef module_methods[] = {
    {"run_srtp", run_srtp, METH_VARARGS,
     "What a function of libsrtp makes of a packet, called as the core calls it."},
    {NULL, NULL, 0, NULL},
};

static int add_types(PyObject *module) {
    PyObject *type = PyType_FromModuleAndSpec(module, &core_spec, NULL);
    if (!type)
        return -1;
    int added = PyModule_AddObjectRef(module, "Core", type);
    Py_DECREF(type);
    return added;
}

static PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, add_types},
    {0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "sfu.engine._native",
    .m_doc = "The native core of the packet path.",
    .m_methods = module_methods,
    .m_slots = module_slots,
};

PyMODINIT_FUNC PyInit__native(void) {
    return PyModuleDef_Init(&module);
}
