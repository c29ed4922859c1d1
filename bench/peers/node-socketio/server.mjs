// What the hub is measured beside: Express + Socket.IO + PostgreSQL, written for this benchmark.
// PUT /api/v1/documents/:id → look-up and UPDATE → 204 → CHANGED_DOCUMENT to everybody but the sender.
// It checks less than the hub does: any credential counts, no permissions, no revisions.
//   DATABASE_URL=postgresql://… node server.mjs     without it, documents are in memory
import http from 'node:http';
import express from 'express';
import pg from 'pg';
import { Server } from 'socket.io';

const { DATABASE_URL } = process.env;
const pool = DATABASE_URL ? new pg.Pool({ connectionString: DATABASE_URL, max: 10 }) : null;

async function update(id, data) {
    if (!pool) return { id, data, updatedAt: new Date() };
    const found = await pool.query('SELECT id FROM documents WHERE id = $1', [id]);
    if (!found.rowCount) return null;
    const changed = await pool.query(
        'UPDATE documents SET data = $2, updated_at = now() WHERE id = $1 RETURNING id, data, updated_at',
        [id, data]
    );
    const row = changed.rows[0];
    return { id: row.id, data: row.data, updatedAt: row.updated_at };
}

const app = express();
const server = http.createServer(app);
const io = new Server(server, { pingInterval: 15_000, pingTimeout: 20_000, transports: ['websocket'] });

app.use(express.json({ limit: '5mb' }));
app.use((req, res, next) => {
    res.on('finish', () => {
        if (res.statusCode >= 400 || !res.notifications) return;
        for (const told of res.notifications) {
            const sid = req.headers['x-metadata-socketid'];
            io.except(sid ? [sid] : []).to(told.to).emit(told.event, told.message);
        }
    });
    next();
});
app.use('/api/v1', (req, res, next) => {
    const [, user] = (req.headers.authorization ?? '').split(' ');
    if (!user) return res.status(401).end();
    req.user = { id: user };
    next();
});
app.put('/api/v1/documents/:id', async (req, res) => {
    const model = await update(req.params.id, req.body.data);
    if (!model) return res.status(404).end();
    res.notifications = [{ event: 'CHANGED_DOCUMENT', message: model, to: ['all'] }];
    res.status(204).send();
});

io.on('connection', (socket) => {
    const user = socket.handshake.auth.token;
    if (!user) return socket.disconnect();
    socket.join(user);
    socket.join('all');
});
server.listen(0, '127.0.0.1', 4096, () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
