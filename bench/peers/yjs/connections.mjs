// One replica of a document, connected as the people of each server connect: with the server's own client library.
// Every connection has: text (Y.Text to type into), shown (the whole text), isReady, isConfirmed (null: the client
// is never told), notes (what happened to the person).
import { HocuspocusProvider } from '@hocuspocus/provider';
import { WebSocket } from 'ws';
import { WebsocketProvider } from 'y-websocket';
import { WebsocketProvider as JupyterProvider } from 'y-websocket-of-jupyter';
import * as Y from 'yjs';

class YWebsocket {
    notes = [];
    isConfirmed = null;

    constructor({ url, document }) {
        this.doc = new Y.Doc();
        // Writers are people at machines of their own: tabs of one browser would tell each other without the server.
        this.provider = new WebsocketProvider(url, document, this.doc, {
            WebSocketPolyfill: WebSocket,
            disableBc: true
        });
    }

    get isReady() {
        return this.provider.synced;
    }

    get text() {
        return this.doc.getText('text');
    }

    get shown() {
        return this.text.toString();
    }
}

class Hocuspocus {
    notes = [];

    constructor({ url, document }) {
        this.doc = new Y.Doc();
        this.provider = new HocuspocusProvider({
            url,
            name: document,
            document: this.doc,
            WebSocketPolyfill: WebSocket
        });
    }

    get isReady() {
        return this.provider.isSynced;
    }

    /** What an application shows as saved: "for this, use hasUnsyncedChanges". */
    get isConfirmed() {
        return this.provider.isSynced && !this.provider.hasUnsyncedChanges;
    }

    get text() {
        return this.doc.getText('text');
    }

    get shown() {
        return this.text.toString();
    }
}

/** A notebook in JupyterLab with jupyter-collaboration: does what its document provider does in the browser. */
class Jupyter {
    notes = [];
    isConfirmed = null;
    provider = null;

    constructor({ url, document, token }) {
        this.where = { url, document, token };
        this.open();
    }

    get isReady() {
        return this.provider?.synced === true && this.cells.length > 0;
    }

    get cells() {
        return this.doc.getArray('cells');
    }

    get text() {
        return this.cells.get(0)?.get('source');
    }

    get shown() {
        return this.cells.map((cell) => cell.get('source').toString()).join('\n');
    }

    async open() {
        const { url, document, token } = this.where;
        this.doc = new Y.Doc();
        const session = await this.session();
        this.provider = new JupyterProvider(
            `${url.replace(/^http/, 'ws')}/api/collaboration/room`,
            `${session.format}:${session.type}:${session.fileId}`,
            this.doc,
            { disableBc: true, params: { sessionId: session.sessionId, token }, WebSocketPolyfill: WebSocket }
        );
        const { provider, doc } = this;
        provider.awareness.setLocalStateField('user', { name: 'writer' });
        provider.once('sync', () => doc.getMap('state').set('document_id', provider.roomname));
        provider.on('connection-close', (event) => event?.code === 1003 && this.reload(event.reason));
        provider.on('status', ({ status }) => status === 'connected' && this.listenForConflicts(provider.ws));
    }

    async session() {
        const { url, document, token } = this.where;
        const answer = await fetch(`${url}/api/collaboration/session/${encodeURIComponent(document)}`, {
            method: 'PUT',
            headers: { authorization: `token ${token}`, 'content-type': 'application/json' },
            body: JSON.stringify({ format: 'json', type: 'notebook' })
        });
        if (!answer.ok) throw new Error(`no session for ${document}: ${answer.status} ${await answer.text()}`);
        return answer.json();
    }

    /** "Session expired": the page tells its person to reload it, and can do nothing else. */
    reload(reason) {
        this.notes.push(`reloaded: ${reason}`);
        this.provider.destroy();
        this.doc.destroy();
        this.open();
    }

    /** The dialog "Edit Conflict": the server refuses this replica's edits from now on. */
    listenForConflicts(socket) {
        socket?.addEventListener('message', ({ data }) => {
            if (new Uint8Array(data)[0] === 2) this.notes.push('edit conflict');
        });
    }
}

export const connections = { 'y-websocket': YWebsocket, hocuspocus: Hocuspocus, jupyter: Jupyter };
