// Checks what Annals gives to outsiders with nothing of Annals: notes, tiles, entry bundles and proofs by
// golang.org/x/mod/sumdb/{note,tlog}, commitments and evidence as spec/log-v1.md and spec/evidence-v1.md say.
//
//	check tiles DIR VKEY         a directory of annals export-tiles
//	check receipt FILE VKEY      a receipt of annals proof
//	check consistency FILE       JSON: {"old","oldRoot","size","root","proof"} …, hashes in base64
//	check evidence DIR VKEY      a bundle of annals evidence
package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	var err error
	switch args := os.Args[1:]; {
	case len(args) == 3 && args[0] == "tiles":
		err = checkTiles(args[1], args[2])
	case len(args) == 3 && args[0] == "receipt":
		err = checkReceipt(args[1], args[2])
	case len(args) == 2 && args[0] == "consistency":
		err = checkConsistency(args[1])
	case len(args) == 3 && args[0] == "evidence":
		err = checkEvidence(args[1], args[2])
	default:
		err = fmt.Errorf("usage: see the top of check.go")
	}
	if err != nil {
		fmt.Println("FAIL", err)
		os.Exit(1)
	}
	fmt.Println("OK")
}

type checkpoint struct {
	origin string
	size   int64
	root   tlog.Hash
}

func openCheckpoint(text []byte, vkey string) (checkpoint, error) {
	verifier, err := note.NewVerifier(strings.TrimSpace(vkey))
	if err != nil {
		return checkpoint{}, err
	}
	opened, err := note.Open(text, note.VerifierList(verifier))
	if err != nil {
		return checkpoint{}, fmt.Errorf("note: %w", err)
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[3] != "" || lines[0] != verifier.Name() {
		return checkpoint{}, fmt.Errorf("note: not three lines, or of another log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return checkpoint{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return checkpoint{lines[0], size, root}, err
}

// Path of a tile as C2SP has it: Go names the height, which is always 8 there.
func tilePath(tile tlog.Tile) string {
	return strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
}

func checkTiles(dir, vkey string) error {
	text, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	if err != nil {
		return err
	}
	head, err := openCheckpoint(text, vkey)
	if err != nil {
		return err
	}
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(ids []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(ids))
		for i, id := range ids {
			hashes[i] = stored[id]
		}
		return hashes, nil
	})
	var n int64
	for n < head.size {
		entries, err := readBundle(dir, n/256, min(256, head.size-n))
		if err != nil {
			return err
		}
		for _, entry := range entries {
			hashes, err := tlog.StoredHashes(n, entry, reader)
			if err != nil {
				return err
			}
			stored = append(stored, hashes...)
			n++
		}
	}
	root, err := tlog.TreeHash(head.size, reader)
	if err != nil {
		return err
	}
	if root != head.root {
		return fmt.Errorf("the entries do not give the signed root")
	}
	tiles := 0
	for _, tile := range tlog.NewTiles(8, 0, head.size) {
		// Go lists every width that a tile has had; at this size it has the last.
		if int64(tile.W) != min(256, head.size>>(8*tile.L)-tile.N*256) {
			continue
		}
		tiles++
		want, err := tlog.ReadTileData(tile, reader)
		if err != nil {
			return err
		}
		got, err := os.ReadFile(filepath.Join(dir, tilePath(tile)))
		if err != nil {
			return err
		}
		if !bytes.Equal(got, want) {
			return fmt.Errorf("%s is not what the entries give", tilePath(tile))
		}
	}
	// The other way round: proofs from tiles alone.
	fromTiles := tlog.TileHashReader(tlog.Tree{N: head.size, Hash: head.root}, tileFiles{dir})
	for at := int64(0); at < head.size; at += 1 + head.size/64 {
		proof, err := tlog.ProveRecord(head.size, at, fromTiles)
		if err != nil {
			return err
		}
		leaf, err := fromTiles.ReadHashes([]int64{tlog.StoredHashIndex(0, at)})
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(proof, head.size, head.root, at, leaf[0]); err != nil {
			return err
		}
	}
	fmt.Println(head.origin, "entries", head.size, "tiles", tiles)
	return nil
}

type tileFiles struct{ dir string }

func (t tileFiles) Height() int { return 8 }
func (t tileFiles) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	for i, tile := range tiles {
		var err error
		if data[i], err = os.ReadFile(filepath.Join(t.dir, tilePath(tile))); err != nil {
			return nil, err
		}
	}
	return data, nil
}
func (t tileFiles) SaveTiles([]tlog.Tile, [][]byte) {}

func readBundle(dir string, n, width int64) ([][]byte, error) {
	tile := tlog.Tile{H: 8, L: 0, N: n, W: int(width)}
	path := strings.Replace(tilePath(tile), "tile/0/", "tile/entries/", 1)
	data, err := os.ReadFile(filepath.Join(dir, path))
	if err != nil {
		return nil, err
	}
	var entries [][]byte
	for int64(len(entries)) < width {
		if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
			return nil, fmt.Errorf("%s ends early", path)
		}
		end := 2 + int(binary.BigEndian.Uint16(data))
		entries = append(entries, data[2:end])
		data = data[end:]
	}
	if len(data) > 0 {
		return nil, fmt.Errorf("%s goes on after its last entry", path)
	}
	return entries, nil
}

type part struct {
	Salt  string          `json:"salt"`
	Value json.RawMessage `json:"value"`
}

func checkReceipt(file, vkey string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	head, signed, found := strings.Cut(string(text), "\n\n")
	lines := strings.Split(head, "\n")
	if !found || len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return fmt.Errorf("not a tlog-proof")
	}
	extra, err := base64.StdEncoding.Strict().DecodeString(strings.TrimPrefix(lines[1], "extra "))
	if err != nil {
		return err
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64)
	if err != nil {
		return err
	}
	var proof tlog.RecordProof
	for _, line := range lines[3:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		proof = append(proof, hash)
	}
	point, err := openCheckpoint([]byte(signed), vkey)
	if err != nil {
		return err
	}
	var disclosed struct {
		Entry json.RawMessage `json:"entry"`
		Parts map[string]part `json:"parts"`
	}
	if err := json.Unmarshal(extra, &disclosed); err != nil {
		return err
	}
	leaf := tlog.RecordHash(disclosed.Entry)
	if err := tlog.CheckRecord(proof, point.size, point.root, index, leaf); err != nil {
		return err
	}
	if err := checkParts(disclosed.Entry, disclosed.Parts); err != nil {
		return err
	}
	fmt.Println(point.origin, "entry", index, "of", point.size, "parts", len(disclosed.Parts))
	return nil
}

// The entry and the parts are canonical JSON, so what stands in the text is what was hashed.
func checkParts(entry json.RawMessage, parts map[string]part) error {
	var header struct {
		Commitments map[string]string `json:"c"`
	}
	if err := json.Unmarshal(entry, &header); err != nil {
		return err
	}
	for name, part := range parts {
		salt, err := base64.RawURLEncoding.Strict().DecodeString(part.Salt)
		if err != nil || len(salt) != 32 {
			return fmt.Errorf("part %s has no salt of 32 bytes", name)
		}
		input := append([]byte("annals-part/v1\x00"), salt...)
		input = append(input, byte(len(name)>>8), byte(len(name)))
		input = append(input, name...)
		commitment := sha256.Sum256(append(input, part.Value...))
		if base64.RawURLEncoding.EncodeToString(commitment[:]) != header.Commitments[name] {
			return fmt.Errorf("part %s is not what was committed", name)
		}
	}
	return nil
}

func checkConsistency(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var cases []struct {
		Old     int64
		OldRoot string
		Size    int64
		Root    string
		Proof   []string
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		return err
	}
	for _, one := range cases {
		var proof tlog.TreeProof
		for _, line := range one.Proof {
			hash, err := tlog.ParseHash(line)
			if err != nil {
				return err
			}
			proof = append(proof, hash)
		}
		oldRoot, err := tlog.ParseHash(one.OldRoot)
		if err != nil {
			return err
		}
		root, err := tlog.ParseHash(one.Root)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(proof, one.Size, root, one.Old, oldRoot); err != nil {
			return fmt.Errorf("%d to %d: %w", one.Old, one.Size, err)
		}
	}
	fmt.Println("proofs", len(cases))
	return nil
}

type treeLine struct {
	Entry  json.RawMessage `json:"entry"`
	Index  int64           `json:"index"`
	Parts  map[string]part `json:"parts"`
	Leaf   string          `json:"leaf"`
	Hash   string          `json:"hash"`
	Height int             `json:"height"`
}

type subtree struct {
	height int
	hash   tlog.Hash
}

// Folds the tree from left to right, as spec/evidence-v1.md section 4 says.
func checkEvidence(dir, vkey string) error {
	text, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	if err != nil {
		return err
	}
	head, err := openCheckpoint(text, vkey)
	if err != nil {
		return err
	}
	file, err := os.Open(filepath.Join(dir, "tree.ndjson"))
	if err != nil {
		return err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 16<<20)
	var frontier []subtree
	var next, entries int64
	for lines.Scan() {
		var line treeLine
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return err
		}
		if line.Index != next || line.Index%(1<<line.Height) != 0 {
			return fmt.Errorf("position %d where %d must follow", line.Index, next)
		}
		node, err := nodeOf(line)
		if err != nil {
			return fmt.Errorf("position %d: %w", line.Index, err)
		}
		if line.Entry != nil {
			entries++
			if err := checkParts(line.Entry, line.Parts); err != nil {
				return fmt.Errorf("position %d: %w", line.Index, err)
			}
		}
		next += 1 << line.Height
		for len(frontier) > 0 && frontier[len(frontier)-1].height == node.height {
			left := frontier[len(frontier)-1]
			frontier = frontier[:len(frontier)-1]
			node = subtree{node.height + 1, tlog.NodeHash(left.hash, node.hash)}
		}
		frontier = append(frontier, node)
	}
	if err := lines.Err(); err != nil {
		return err
	}
	if next != head.size || len(frontier) == 0 {
		return fmt.Errorf("the lines end at position %d of %d", next, head.size)
	}
	root := frontier[len(frontier)-1].hash
	for i := len(frontier) - 2; i >= 0; i-- {
		root = tlog.NodeHash(frontier[i].hash, root)
	}
	if root != head.root {
		return fmt.Errorf("the lines do not lead to the signed root")
	}
	fmt.Println(head.origin, "entries", entries, "of", head.size)
	return nil
}

func nodeOf(line treeLine) (subtree, error) {
	if line.Entry != nil {
		return subtree{0, tlog.RecordHash(line.Entry)}, nil
	}
	encoded := line.Hash
	if encoded == "" {
		encoded = line.Leaf
	}
	bytes, err := base64.RawURLEncoding.Strict().DecodeString(encoded)
	if err != nil || len(bytes) != 32 {
		return subtree{}, fmt.Errorf("not a hash")
	}
	var hash tlog.Hash
	copy(hash[:], bytes)
	return subtree{line.Height, hash}, nil
}

func min(a, b int64) int64 {
	if a < b {
		return a
	}
	return b
}
