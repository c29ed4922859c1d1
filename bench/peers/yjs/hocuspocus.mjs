// A Hocuspocus server with its default settings, and its database extension on LevelDB.
//   PORT=… DATA=folder node hocuspocus.mjs
import { Database } from '@hocuspocus/extension-database';
import { Server } from '@hocuspocus/server';
import { Level } from 'level';

const store = new Level(process.env.DATA, { valueEncoding: 'view' });

async function fetch({ documentName }) {
    try {
        return await store.get(documentName);
    } catch (error) {
        if (error.code === 'LEVEL_NOT_FOUND') return null;
        throw error;
    }
}

const server = new Server({
    address: '127.0.0.1',
    port: Number(process.env.PORT),
    quiet: true,
    extensions: [new Database({ fetch, store: ({ documentName, state }) => store.put(documentName, state) })]
});
await server.listen();
console.log(`listening on ws://127.0.0.1:${process.env.PORT}`);
